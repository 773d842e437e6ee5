export interface Took {
  readonly seconds: number;
  readonly cpuSeconds?: number;
}

export function say(line: string): void {
  console.log(line);
}

/** The lines that the bench ends with: `RATIO <name> <number>`. */
export function ratio(name: string, value: number): void {
  if (Number.isFinite(value)) ratios.push(`RATIO ${name} ${value.toFixed(2)}`);
}

const ratios: string[] = [];
process.on('exit', () => {
  for (const line of ratios) console.log(line);
});

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export function perFile({ seconds, cpuSeconds }: Took, files: number): string {
  const cpu = cpuSeconds === undefined ? '' : `, ${((cpuSeconds / files) * 1e6).toFixed(0)} µs CPU a file`;
  return `${seconds.toFixed(2)} s, ${(files / seconds).toFixed(0)} files/s${cpu}`;
}
