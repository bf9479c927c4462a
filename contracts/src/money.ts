import { z } from 'zod';

/** The largest amount of anything, a sum included, in minor units: far below what a number counts exactly. */
export const LARGEST_AMOUNT = 1_000_000_000_000;

/** An amount in the currency's minor unit: an integer, never a fraction. */
export const Minor = z.int().min(0).max(LARGEST_AMOUNT);

/** A signed amount in minor units. */
export const SignedMinor = z.int().min(-LARGEST_AMOUNT).max(LARGEST_AMOUNT);

/** Digits after the decimal point, from ISO 4217 (list one, 2024); `Intl` rounds some of them for display and is no source. */
const DIGITS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: 'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};
const digits = new Map(
  Object.entries(DIGITS).flatMap(([count, codes]) =>
    codes.split(' ').map((code) => [code, Number(count)] as const),
  ),
);

/** An ISO 4217 code of a currency in circulation. */
export const Currency = z.string().refine((code) => digits.has(code), 'must be an ISO 4217 currency code');

/** How many digits `currency` has after the point: 2 for GBP, 0 for JPY, 3 for KWD. Throws for an unknown code: a bug. */
export function minorDigits(currency: string): number {
  const count = digits.get(currency);
  if (count === undefined) throw new Error(`unknown currency ${currency}`);
  return count;
}

/** `12.50 GBP` from 1250, exact whatever the size: for sentences and logs, where a locale has no say. */
export function inMajorUnits(amount: number, currency: string): string {
  const count = minorDigits(currency);
  const text = String(Math.abs(amount)).padStart(count + 1, '0');
  const whole = text.slice(0, text.length - count);
  return `${amount < 0 ? '-' : ''}${whole}${count === 0 ? '' : `.${text.slice(-count)}`} ${currency}`;
}
