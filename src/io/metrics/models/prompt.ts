/** Tags of A1111 that name files, textual inversions of ComfyUI, and CLIP's own tokens, which its tokenizer would obey. */
const NOT_TEXT = /<(?:lora|lyco|hypernet):[^<>]*>|\bembedding:[^\s,()]+|<\|(?:startoftext|endoftext)\|>/gi;

/** A weight at the end of a bracket, as in `(cat:1.2)`. */
const WEIGHT = /:\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)\s*$/;

/**
 * The plain words of a prompt: ComfyUI's and A1111's weights `(cat:1.2)` and `((cat))` without brackets and numbers,
 * `\(` as a bracket, tags that are no text left out, white space as one space.
 */
export function plainPrompt(prompt: string): string {
  // Brackets that go away can put a token together, so tokens go last as well.
  const words = withoutWeights(prompt.replaceAll(NOT_TEXT, ' ')).replaceAll(NOT_TEXT, ' ');
  return words.replaceAll(/\s+/g, ' ').trim();
}

function withoutWeights(text: string): string {
  const out: string[] = [];
  const opened: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\' && (text[i + 1] === '(' || text[i + 1] === ')')) out.push(text[++i]!);
    else if (char === '(') {
      opened.push(out.length);
      out.push(char);
    } else if (char === ')' && opened.length > 0) {
      out[opened.pop()!] = '';
      // A weight is short; looking no further back keeps this linear.
      const tail = out.slice(-24).join('');
      const weight = WEIGHT.exec(tail)?.[0] ?? '';
      for (let left = weight.length; left > 0; ) left -= out.pop()!.length;
    } else out.push(char);
  }
  return out.join('');
}
