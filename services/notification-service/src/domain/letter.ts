/** A part of a letter. Its texts are plain: whoever renders it escapes them. */
export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'steps'; steps: string[] }
  | { kind: 'facts'; facts: { label: string; value: string }[] }
  | { kind: 'address'; label: string; lines: string[] }
  | { kind: 'goods'; head: [string, string, string]; lines: GoodsLine[]; more: string | null; sums: Sum[] }
  | { kind: 'button'; label: string; url: string };

export interface GoodsLine {
  name: string;
  quantity: string;
  /** Empty when the letter says no prices. */
  amount: string;
}
export interface Sum {
  label: string;
  amount: string;
  /** The line that the others add up to. */
  total?: true;
}

/** A message in words, before it is anything that a channel can send: the HTML part and the text part are made of it. */
export interface Letter {
  /** BCP 47. */
  locale: string;
  subject: string;
  /** What an inbox shows beside the subject. */
  preview: string;
  heading: string;
  blocks: Block[];
  /** Why this was sent, and by whom. */
  footer: string[];
  unsubscribe: { label: string; url: string } | null;
}
