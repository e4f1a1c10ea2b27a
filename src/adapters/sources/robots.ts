/** What a robots.txt (RFC 9309) says to us. */
export interface RobotRules {
  readonly allows: (path: string) => boolean;
  /** Seconds between two requests, 0 where it says nothing. */
  readonly delay: number;
}

const US = 'cadre';
const LONGEST_DELAY = 60;

interface Rule {
  readonly isAllowed: boolean;
  readonly pattern: string;
}

/** Rules of the groups that name us, else of those for everybody; without any all is allowed. */
export function readRobots(text: string): RobotRules {
  const groups = groupsOf(text.slice(0, 500_000));
  const own = groups.filter((group) => group.agents.includes(US));
  const chosen = own.length > 0 ? own : groups.filter((group) => group.agents.includes('*'));
  const rules = chosen.flatMap((group) => group.rules);
  const delay = Math.max(0, ...chosen.map((group) => group.delay));
  return {
    delay: Math.min(delay, LONGEST_DELAY),
    allows(path) {
      let best: Rule = { isAllowed: true, pattern: '' };
      for (const rule of rules) {
        if (!fits(rule.pattern, path)) continue;
        const isLonger = rule.pattern.length > best.pattern.length;
        const isKinder = rule.pattern.length === best.pattern.length && rule.isAllowed;
        if (isLonger || isKinder) best = rule;
      }
      return best.isAllowed;
    },
  };
}

function groupsOf(text: string) {
  const groups: { agents: string[]; rules: Rule[]; delay: number }[] = [];
  let isNaming = false;
  for (const line of text.split(/\r?\n/)) {
    const [, key = '', value = ''] = /^\s*([\w-]+)\s*:\s*([^#]*?)\s*(?:#.*)?$/.exec(line) ?? [];
    const name = key.toLowerCase();
    if (name === 'user-agent') {
      if (!isNaming) groups.push({ agents: [], rules: [], delay: 0 });
      groups.at(-1)?.agents.push(value.toLowerCase().split('/')[0] ?? '');
      isNaming = true;
      continue;
    }
    if (key === '') continue;
    isNaming = false;
    const group = groups.at(-1);
    if ((name === 'allow' || name === 'disallow') && value !== '')
      group?.rules.push({ isAllowed: name === 'allow', pattern: value });
    if (name === 'crawl-delay' && group !== undefined) group.delay = Number(value) || 0;
  }
  return groups;
}

/** `*` stands for any characters, `$` at the end for the end; otherwise a beginning is enough. */
function fits(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith('$');
  const [first = '', ...rest] = (isWhole ? pattern.slice(0, -1) : pattern).split('*');
  if (!path.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1;
    if (isWhole && isLast) return path.length - part.length >= at && path.endsWith(part);
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return !isWhole || at === path.length;
}
