/** Places in a text that are tried as the beginning of a plan. */
const MAX_STARTS = 200;

/**
 * The plan in a planner's words: the first JSON object with subtasks, whatever stands around it. The text itself where
 * there is none.
 */
export function planInText(text: string): unknown {
  let start = text.indexOf('{');
  for (let tries = 0; start >= 0 && tries < MAX_STARTS; tries += 1) {
    const end = objectEnd(text, start);
    const value = end === undefined ? undefined : parsed(text.slice(start, end));
    if (typeof value === 'object' && value !== null && 'subtasks' in value) return value;
    // An object without subtasks may hold the one that has them.
    start = text.indexOf('{', start + 1);
  }
  return text;
}

/** Behind the brace that closes the one at `start`; braces in strings do not count. */
function objectEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
