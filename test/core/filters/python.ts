import { spawnSync } from 'node:child_process';

/** A pattern with its flags, without slashes, and the names to try it on. */
export interface PythonCase {
  readonly source: string;
  readonly flags: string;
  readonly names: readonly string[];
}

const PROGRAM = `
import json, re, sys, warnings
warnings.simplefilter('ignore')
flags = {'i': re.I, 's': re.S, 'm': re.M, 'x': re.X, 'a': re.A, 'u': re.U}
def answer(case):
    try:
        compiled = re.compile(case['source'], sum(flags[f] for f in case['flags']))
    except (re.error, OverflowError):
        return None
    try:
        return [compiled.match(name) is not None for name in case['names']]
    except SystemError: # "please report a bug for the re module"
        return 'broken'
json.dump([answer(case) for case in json.loads(sys.stdin.buffer.read())], sys.stdout)
`;

/** Whether there is a Python whose `re` knows atomic groups and possessive repetitions. */
export function pythonIsRecent(): boolean {
  return spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0;
}

/** Which names match; `null` where Python refuses the pattern, `broken` where it says itself that it is mistaken. */
export type PythonAnswer = readonly boolean[] | 'broken' | null;

/** What `re.match` says, in one process for all cases. */
export function askPython(cases: readonly PythonCase[]): readonly PythonAnswer[] {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', PROGRAM], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`python3 failed: ${stderr}`);
  return JSON.parse(stdout) as readonly PythonAnswer[];
}
