import { readWorkflow } from './src/core/gates/evidence/github.js';
import { configureCall } from './src/core/gates/native-configures.js';
import { literal } from './src/core/gates/script-words.js';
import { parse } from 'unbash';
import { readFileSync, readdirSync } from 'node:fs';
const d=process.argv[2]+'/.github/workflows/';
for (const f of readdirSync(d)) {
const m = await readWorkflow({file:f,text:readFileSync(d+f,'utf8'),warn:()=>{}} as any);
for (const x of m) { const t = x.command.kind==='shell'?x.command.text:''; if(!/cmake|meson/.test(t)) continue; const c=parse(t).commands[0]?.command as any; if(c?.type!=='Command'||!c.name) {console.log('no',c?.type,t);continue;} console.log(f,x.name, x.cwd, JSON.stringify(configureCall([c.name,...c.args].map((w:any)=>w.type==='Word'?literal(w)?.value:undefined), x.cwd))); }
}
