import assert from 'node:assert/strict';
import { publicToolName } from '../../../../src/gateway/catalog/publicName.js';
import { CANONICAL_NAMES, type NameForm } from '../../../../src/gateway/model/nameForm.js';
import { GATEWAY_NAME } from '../../../../src/clientConfig/entryName.js';
import { nameFormOf } from '../../../../src/endpoint/relay/nameForms.js';

/** Names as real servers have them: of twilio, GitHub, Notion, Azure, AWS, browsers and files. */
const TOOLS: readonly (readonly [server: string, tool: string])[] = [
  ...[
    'TwilioApiV2010--CreateMessage',
    'TwilioApiV2010--FetchBalance',
    'TwilioApiV2010--ListAvailablePhoneNumberLocal',
    'TwilioApiV2010--ListAvailablePhoneNumberTollFree',
    'TwilioApiV2010--UpdateIncomingPhoneNumber',
    'TwilioMessagingV1--CreateService',
    'TwilioMessagingV1--ListPhoneNumber',
    'TwilioServerlessV1--CreateFunctionVersion',
  ].map((tool) => ['twilio', tool] as const),
  ...['API-post-search', 'API-retrieve-a-page', 'API-patch-block-children'].map(
    (t) => ['notion', t] as const,
  ),
  ...['create_pull_request_review', 'add_issue_comment', 'list_commits'].map((t) => ['github', t] as const),
  ...['browser_navigate', 'browser_take_screenshot'].map((t) => ['playwright', t] as const),
  ...['getDocumentation', 'recommendSimilarPages'].map((t) => ['aws-documentation', t] as const),
  ...['azmcp_resourcehealth_service-health-events_list'].map((t) => ['azure', t] as const),
  ...['read_text_file', 'list_directory_with_sizes'].map((t) => ['filesystem', t] as const),
];

const hashed = (form: NameForm): number =>
  TOOLS.filter(([server, tool]) => publicToolName(server, tool, form) !== `${server}__${tool}`).length;

describe('nameFormOf', () => {
  it('leaves fewer names hashed for each client that it knows than for those that it does not', () => {
    const before = hashed(CANONICAL_NAMES);
    assert.equal(before, 14);
    const counts = [
      ...['claude-code', 'codex-mcp-client', 'gemini-cli-mcp-client', 'cursor-vscode'],
      ...['github-copilot-developer', 'claude-ai'],
    ].map((client) => hashed(nameFormOf(client)));
    assert.deepEqual(counts, [6, 6, 5, 5, 5, 0]);
  });

  it('leaves room for the name that copied configurations give the gateway', () => {
    const prefix = `mcp__${GATEWAY_NAME}__`;
    assert.equal(nameFormOf('claude-code').maxLength, 64 - prefix.length);
  });

  it('gives canonical names to clients that it does not know', () => {
    for (const client of [undefined, '', 'Visual Studio Code', 'Claude-Code', '__proto__'])
      assert.equal(nameFormOf(client), CANONICAL_NAMES);
  });
});
