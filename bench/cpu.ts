import { readFileSync } from 'node:fs';

/** Clock ticks a second, the unit of CPU time in Linux. */
const TICKS = 100;

/** Returns the CPU time of a process, in seconds. */
export function cpuOfProcess(pid: number): number {
  const [user, system] = times(pid);
  return user! + system!;
}

/** Returns the CPU time of the ended children of this process, in seconds. */
export function cpuOfChildren(): number {
  const [, , user, system] = times('self');
  return user! + system!;
}

/** Returns the CPU time of a process, then of its children, each in user and in kernel mode. See proc(5). */
function times(pid: number | 'self'): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map((ticks) => Number(ticks) / TICKS);
}
