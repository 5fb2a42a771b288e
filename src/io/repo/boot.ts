import { readFileSync } from 'node:fs';

let known: string | undefined;

/**
 * Names this run of the machine: what was written since it started survives a dead process without any sync, and only
 * after another start must it be asked what reached the disk. Empty where the system does not tell (no Linux): then
 * everything is synced at once.
 */
export function bootId(): string {
  if (known === undefined) {
    try {
      known = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    } catch {
      known = '';
    }
  }
  return known;
}
