/**
 * The relative links of a Markdown text that lead to none of these files: on the extension's page they would be dead.
 * @param files paths from where the text is
 */
export function deadLinks(markdown: string, files: readonly string[]): readonly string[] {
  const prose = markdown.replace(/^(`{3,})[^]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)/g)];
  const defined = [...prose.matchAll(/^\s{0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm)];
  const html = [...prose.matchAll(/\b(?:href|src)\s*=\s*["']([^"']+)/gi)];
  return [...inline, ...defined, ...html]
    .flatMap(([, target]) => target ?? [])
    .filter((target) => !/^(?:[a-z][a-z0-9+.-]*:|#|\/\/)/i.test(target))
    .filter((target) => !files.includes(decodeURI(target.replace(/^\.\//, '').replace(/[?#].*$/, ''))));
}
