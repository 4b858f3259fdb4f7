/** Something that the person at the console can put right: told as it is, without a stack. */
export class Complaint extends Error {}
