import { minorDigits } from '@oms/contracts';

/** Languages that there are words for; the first is fallen back to when an order asks for none of them. */
export const languages = ['en', 'de', 'fr'] as const;
export type Language = (typeof languages)[number];
const isLanguage = (tag: string): tag is Language => (languages as readonly string[]).includes(tag);

/** The language to write in, and the tag by which amounts and dates are written: `de-AT` is German as Austria writes it. */
export function localeOf(asked: string | null, fallback: string): { language: Language; tag: string } {
  for (const tag of [asked, fallback]) {
    const language = tag?.split('-')[0]?.toLowerCase() ?? '';
    if (tag && isLanguage(language)) return { language, tag: written(tag) ?? language };
  }
  return { language: 'en', tag: 'en' };
}

/** A tag that looks like one and is none must not cost anybody a message. */
function written(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

/** £12.50 from 1250 and GBP: the digits are ISO 4217's, the shape is the locale's. */
export function money(amount: number, currency: string, locale: string): string {
  const digits = minorDigits(currency);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}

/** A day as the locale spells it out, in UTC: whose day it is where the customer lives is not known. */
export const day = (instant: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(instant));

export const count = (quantity: number, locale: string): string =>
  new Intl.NumberFormat(locale).format(quantity);

/** `Vereinigtes Königreich` from GB and German; the code itself where there is no name for it. */
export const countryName = (code: string, locale: string): string =>
  new Intl.DisplayNames(locale, { type: 'region' }).of(code) ?? code;
