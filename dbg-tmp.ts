import { readMentions } from './src/core/gates/evidence.js';
import { readdirSync } from 'node:fs';
import { tasksOf, calledTasks } from './src/core/gates/script-tasks.js';
const d=process.argv[2];
const m=await readMentions(d, readdirSync(d), console.error);
for (const x of m) if (/nox/.test(x.text)&&x.role==='workflow') console.log(x.name, x.text, JSON.stringify(x.command), x.reviewed, x.secret, JSON.stringify(x.step));
const t=tasksOf(m); console.log(t.map(x=>[x.key,x.chosen?.habit]).join(' | '));
console.log(calledTasks(['nox','--','$X'],t)?.map(x=>x.key));
