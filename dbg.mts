import { findChecks } from './src/core/gates/script-fragments.js';
import { PRESETS } from './src/core/gates/presets.js';
const ctx:any = { scripts:new Map(), presets: PRESETS, emits:()=>false };
for (const t of process.argv.slice(2)) for (const inShellScript of [false]) console.log(t, inShellScript, JSON.stringify(findChecks({command:{kind:'shell',text:t},env:{}} as any,'docs',{...ctx,inShellScript}).map((s:any)=>[s.kind,s.call?.preset?.id,s.call?.args,s.call?.vague])));
