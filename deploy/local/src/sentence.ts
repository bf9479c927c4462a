/** Something the person at the keyboard can mend: printed as it is, without a stack. */
export class Sentence extends Error {}
