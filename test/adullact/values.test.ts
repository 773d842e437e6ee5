import { describe, expect, it } from 'vitest';
import { amountIn, dateIn, isSirenOrSiret, sirenIn } from '@lanceur/adullact';

describe('a date of a field', () => {
  it.each([
    ['2024-02-29', 2024, 2, 29],
    ['2019-03-21Z', 2019, 3, 21],
    ['2019-03-21+01:00', 2019, 3, 21],
    ['2018-12-18T16:51:55.000+01:00', 2018, 12, 18],
    ['20190321', 2019, 3, 21],
  ])('%s is a day', (text, year, month, day) => {
    expect(dateIn(text)).toEqual({ year, month, day });
  });

  it.each(['2023-02-29', '2024-15-01', '2024-00-10', '$DteStr', '', '21/03/2019', undefined])(
    '%s is none',
    (text) => {
      expect(dateIn(text)).toBeUndefined();
    },
  );
});

describe('an amount of a field', () => {
  it('is exact, whatever its size', () => {
    expect(amountIn('3245.681450')).toEqual({ unscaled: 3245681450n, scale: 6 });
    expect(amountIn('-0.10')).toEqual({ unscaled: -10n, scale: 2 });
    expect(amountIn('12345678901234567890')).toEqual({ unscaled: 12345678901234567890n, scale: 0 });
  });

  it.each(['', '1,50', 'NaN', '1e9', '.', undefined])('%s is none', (text) => {
    expect(amountIn(text)).toBeUndefined();
  });
});

describe('a SIREN', () => {
  it('has a check digit, and so has a SIRET', () => {
    expect(isSirenOrSiret('491011698')).toBe(true);
    expect(isSirenOrSiret('491011699')).toBe(false);
    expect(isSirenOrSiret('38947246500027')).toBe(true);
    expect(isSirenOrSiret('38947246500028')).toBe(false);
    // La Poste's establishments.
    expect(isSirenOrSiret('35600000000048')).toBe(true);
    expect(isSirenOrSiret('35600000049837')).toBe(true);
    expect(isSirenOrSiret('4910116980')).toBe(false);
    expect(isSirenOrSiret(undefined)).toBe(false);
  });

  it('is the beginning of a SIRET, with its zeros', () => {
    expect(sirenIn('00552013500001')).toBe('005520135');
    expect(sirenIn('005520135')).toBe('005520135');
    expect(sirenIn('FR12005520135')).toBeUndefined();
  });
});
