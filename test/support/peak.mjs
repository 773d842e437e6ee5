import { existsSync, readFileSync } from 'node:fs';

/**
 * The most memory that this process has had, in bytes. Not by `resourceUsage().maxRSS` where Linux is asked: that begins with
 * what the parent had when it forked.
 *
 * @returns {number}
 */
export function peakBytes() {
  const status = '/proc/self/status';
  const [, peak] = existsSync(status)
    ? (/^VmHWM:\s*(\d+) kB$/mu.exec(readFileSync(status, 'utf8')) ?? [])
    : [];
  return Number(peak ?? process.resourceUsage().maxRSS) * 1024;
}
