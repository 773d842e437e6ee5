import { categoryOf, escapedCharacter, octalCharacter } from './escapes.js';
import type { Reader } from './reader.js';
import { caseOf, type Flags, type Refuse, type SetMember, type SetNode } from './syntax.js';

/** `[…]`, whose opening bracket has been read. A `]` that comes first is one of its characters. */
export function parseSet(reader: Reader, flags: Flags, refuse: Refuse): SetNode {
  const at = reader.at - 1;
  const negated = reader.takes('^');
  const members: SetMember[] = [];
  const member = (): SetMember => {
    const token = reader.next();
    if (token === '') refuse('a [ without its ]', at);
    return memberOf(token, reader, flags, refuse);
  };
  while (members.length === 0 || !reader.takes(']')) {
    const from = reader.at;
    const first = member();
    if (!reader.takes('-')) {
      members.push(first);
      continue;
    }
    if (reader.takes(']')) {
      members.push(first, single(0x2d));
      break;
    }
    const last = member();
    if (first.type !== 'range' || last.type !== 'range') {
      return refuse('a range goes from one character to another', from);
    }
    if (last.to < first.from) refuse('a range goes upwards', from);
    members.push({ type: 'range', from: first.from, to: last.to });
  }
  return { type: 'set', negated, members, case: caseOf(flags) };
}

function memberOf(token: string, reader: Reader, flags: Flags, refuse: Refuse): SetMember {
  if (!token.startsWith('\\')) return single(token.codePointAt(0) ?? 0);
  const letter = token.slice(1);
  const category = categoryOf(letter);
  if (category !== undefined) return { type: 'category', ...category, ascii: flags.ascii };
  if (letter === 'b') return single(8);
  if (/^[0-7]$/.test(letter)) return single(octalCharacter(letter, reader, refuse));
  return single(escapedCharacter(letter, reader, refuse));
}

function single(code: number): SetMember {
  return { type: 'range', from: code, to: code };
}
