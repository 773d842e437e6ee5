import { LanceurError, nameFilter } from '@lanceur/core';
import { describe, expect, it } from 'vitest';

const takes = (pattern: string, name: string) => nameFilter(pattern).decide({ name }).accepted;

describe("a regular expression, as Python's re.match", () => {
  it.each([
    ['is anchored at the start', '/b/', 'ab', false],
    ['is not anchored at the end', '/a/', 'ab', true],
    ['finds $ before a last newline', '/a$/', 'a\n', true],
    ['finds \\Z at the very end only', '/a\\Z/', 'a\n', false],
    ['finds $ at each line under m', '/a$/m', 'a\nb', true],
    ['stops . at a newline', '/a.b/', 'a\nb', false],
    ['lets . pass a newline under s', '/a.b/s', 'a\nb', true],
    ['skips blanks and comments under x', '/a b # c\n c/x', 'abc', true],
    ['names groups', '/(?P<year>\\d{4})-(?P=year)/', '2024-2024', true],
    ['compares named groups', '/(?P<year>\\d{4})-(?P=year)/', '2024-2025', false],
    ['takes flags at its start', '/(?i)facture/', 'FACTURE', true],
    ['takes flags for a part', '/(?i:fac)ture/', 'FACture', true],
    ['ends flags with the part', '/(?i:fac)ture/', 'FACTURE', false],
    ['turns flags off for a part', '/(?i)(?-i:fac)ture/', 'FACTURE', false],
    ['skips comments', '/a(?#b)c/', 'ac', true],
    ['counts from nothing', '/a{,2}b/', 'aab', true],
    ['reads a brace that counts nothing as a brace', '/a{x}/', 'a{x}', true],
    ['reads ] first in a class as a character', '/[]a]+$/', ']a]', true],
    ['reads octal escapes', '/\\101\\0?B/', 'AB', true],
    ['reads \\x and \\u escapes', '/\\x41\\u00e9\\U0001F600/', 'Aé😀', true],
    ['takes a character beyond U+FFFF as one', '/^.$/', '😀', true],
    ['takes a lone surrogate as one', '/^.$/', '\ud83d', true],
    ['knows digits of all scripts', '/\\d\\d$/', '٣३', true],
    ['knows ASCII digits only under a', '/\\d/a', '٣', false],
    ['takes é for a letter', '/\\w+$/', 'été', true],
    ['finds word boundaries beside é', '/é\\b-/', 'é-', true],
    ['takes \\u001c for a blank, as Python does', '/\\s/', '\u001c', true],
    ['takes \\ufeff for none, as Python does', '/\\s/', '\ufeff', false],
    ['takes \\u0085 for a blank, as Python does', '/\\s/', '\u0085', true],
    ['takes a hard space for a blank', '/\\s/', '\u00a0', true],
    ['takes \\u200b for no blank', '/\\s/', '\u200b', false],
    ['takes a combining mark for no letter', '/\\w/', '\u0301', false],
    ['looks behind at what gives nothing back', '/.*(?<=(?>a|b){2}+c)$/', 'xabc', true],
    ['gives nothing back of a possessive repetition', '/a*+a/', 'aaa', false],
    ['gives nothing back of an atomic group', '/(?>a|ab)c/', 'abc', false],
    ['looks behind', '/.*(?<!-brouillon)\\.pdf$/', 'a-brouillon.pdf', false],
  ])('%s: %s', (_what, pattern, name, accepted) => {
    expect(takes(pattern, name)).toBe(accepted);
  });

  it.each([
    ['s', 'ſ', true],
    ['k', '\u{212a}', true],
    ['i', 'İ', true],
    ['i', 'ı', true],
    ['I', 'ı', true],
    ['ß', 'ẞ', true],
    ['ς', 'Σ', true],
    ['é', 'É', true],
    ['[h-j]', 'İ', true],
    ['[^i]', 'İ', false],
    ['ß', 'SS', false],
    ['(?a:s)', 'ſ', false],
    ['(?a:é)', 'É', false],
    ['(?a:[a-z])', 'K', true],
  ])('ignores case as Python does: /%s/i on %s', (source, name, accepted) => {
    // K (Kelvin), like any name, is compared in NFC, which makes it a plain K.
    expect(takes(`/${source}$/i`, name)).toBe(accepted);
  });

  it.each([
    ['/(a/', 'a ( without its )', 2],
    ['/a)/', 'a ) without its (', 3],
    ['/ab[c/', 'a [ without its ]', 4],
    ['/*a/', 'there is nothing to repeat', 2],
    ['/a**/', 'a repetition directly after a repetition', 4],
    ['/^*/', 'there is nothing to repeat', 3],
    ['/a{3,2}/', 'it counts from 3 down to 2', 3],
    ['/a{99999999999}/', 'a count is too large', 3],
    ['/[z-a]/', 'a range goes upwards', 3],
    ['/[\\d-z]/', 'a range goes from one character to another', 3],
    ['/\\q/', 'Python knows no escape \\q', 2],
    ['/\\x4/', '\\x needs 2 hexadecimal digits', 2],
    ['/\\u12/', '\\u needs 4 hexadecimal digits', 2],
    ['/\\N{BULLET}/', 'names of characters', 2],
    ['/\\400/', 'above \\377', 2],
    ['/a\\1/', 'there is no group 1 before it', 3],
    ['/(a\\1)/', 'group 1 is still open there', 4],
    ['/(?P=n)/', 'there is no group n before it', 2],
    ['/(?P<n>a)(?P<n>b)/', 'the group name n is used twice', 10],
    ['/(?P<1>a)/', 'cannot be the name of a group', 2],
    ['/(?P<n/', 'a group name is not closed by >', 6],
    ['/(?P>n)/', 'after (?P comes', 2],
    ['/(?<n>a)/', 'Python writes a named group as (?P<name>', 2],
    ['/(a)(?(1)b|c)/', 'conditional groups', 5],
    ['/(a)?\\1/', 'may not have matched by then', 6],
    ['/(?i)(a)\\1/', 'cannot ignore case', 9],
    ['/(?<=a+)b/', 'a look-behind must have one fixed length', 2],
    ['/(?<=(a)\\1)b/', 'within its own look-behind', 9],
    ['/a(?i)/', 'at the start of a pattern only', 3],
    ['/(?i-i:a)/', 'turned on and off at once', 2],
    ['/(?-a:a)/', 'cannot be turned off', 2],
    ['/(?i-)/', 'after (?- come the flags', 2],
    ['/(?au:a)/', 'exclude each other', 2],
    ['/(?L:a)/', 'for bytes only', 2],
    ['/(?z)/', 'there is no flag z', 2],
    ['/(?#a/', 'is not closed by )', 5],
    ['/(?*a)/', 'Python knows no group (?*', 2],
  ])('says what it cannot read, and where: %s', (pattern, why, at) => {
    const error = thrownBy(pattern);
    expect(error.message).toContain(why);
    expect(error.message).toContain(`(at character ${String(at)})`);
    expect(error.message).toContain(pattern);
  });

  it.each([
    ['/a/g', "JavaScript's"],
    ['/a/y', "JavaScript's"],
    ['/a/v', "JavaScript's"],
    ['/a/L', 'bytes only'],
    ['/a/z', 'there is no flag z'],
    ['/a/é', 'there is no flag é'],
    ['/a/au', 'exclude each other'],
    ['/(?:|a)*+b/', 'what may be empty'],
    [`/${'a'.repeat(2_001)}/`, 'longer than'],
    [`/${'('.repeat(200)}${')'.repeat(200)}/`, 'nested'],
  ])('says what it does not take: %.40s', (pattern, why) => {
    expect(thrownBy(pattern).message).toContain(why);
  });

  it('reads a lone backslash before the closing slash as one that closes nothing', () => {
    expect(thrownBy('/a\\/').message).toContain('lone backslash');
  });
});

function thrownBy(pattern: string): Error {
  try {
    nameFilter(pattern);
  } catch (error) {
    if (LanceurError.is(error, 'INVALID_PATTERN')) return error;
    throw error;
  }
  throw new Error(`${pattern} was taken`);
}
