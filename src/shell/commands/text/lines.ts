/** The lines of a text; a newline at its end begins none. */
export const linesOf = (text: string): readonly string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
