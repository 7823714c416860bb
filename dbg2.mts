import { readWorkflow } from './src/core/gates/evidence/github.js';
import { readFileSync } from 'node:fs';
const f=process.argv[2]!; const re=new RegExp(process.argv[3]!);
const m = await readWorkflow({file:'.github/workflows/x.yml',text:readFileSync(f,'utf8'),warn:()=>{}} as any);
for (const x of m) { const t = x.command.kind==='shell'?x.command.text:x.command.argv.join(' '); if(re.test(t)) console.log(x.name, x.line, x.cwd, JSON.stringify(t), x.step); }
