import assert from 'node:assert/strict';
import { readCall } from '../../../../../src/vscode/chat/slash/callCommand.js';
import { ToolSet } from '../../../../../src/vscode/chat/turn/toolSet.js';
import { listedTool } from '../support.js';

const echo = listedTool('everything', 'echo', {
  inputSchema: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
});
const tools = new ToolSet([echo, listedTool('memory', 'read_graph')], 0);
const read = (prompt: string, complete = true) => readCall(prompt, tools, complete);

function problem(prompt: string, complete = true): string {
  const request = read(prompt, complete);
  assert.ok('problem' in request, 'it would have been run');
  return request.problem;
}

describe('readCall', () => {
  it('reads a name and an object, also over several lines', () => {
    const request = read(' everything__echo\n{ "message":\n "a b" } ');
    assert.ok('target' in request);
    assert.equal(request.target.name, 'everything__echo');
    assert.deepEqual(request.args, { message: 'a b' });
  });

  it('takes a name alone for a call without arguments, and a # before the name', () => {
    const request = read('#memory__read_graph');
    assert.ok('target' in request);
    assert.deepEqual(request.args, {});
  });

  it('asks which tool when nothing is said', () => {
    assert.match(problem('  '), /Which tool\? .*\/tools/);
  });

  it('names the nearest tools for an unknown one', () => {
    const sentence = problem('everything__eco {}').replaceAll('\\', '');
    assert.match(sentence, /no tool named "everything__eco"; nothing was run\. .*everything__echo/);
  });

  it('leaves an unknown name to the gateway while servers are missing from the list', () => {
    const request = read('parked__tool {"a":1}', false);
    assert.deepEqual(request, {
      target: { name: 'parked__tool', title: 'parked__tool', serverTitle: undefined },
      args: { a: 1 },
    });
  });

  it('says where the JSON is wrong', () => {
    assert.equal(
      problem('everything__echo {"message" "a"}'),
      'The arguments are not valid JSON: colon expected at character 12 of the JSON. Nothing was run.',
    );
    assert.match(problem('everything__echo {\n"message": }'), /at line 2, character 12 of the JSON/);
    assert.match(problem('everything__echo {"message": "a"'), /close brace expected at character 16/);
    assert.match(problem('everything__echo {"message": "a"} x'), /at character 18/);
    assert.match(problem('everything__echo message=a'), /Nothing was run/);
  });

  it('wants an object', () => {
    for (const json of ['[1]', '"a"', 'null', '7'])
      assert.match(problem(`everything__echo ${json}`), /must be a JSON object/);
  });
});
