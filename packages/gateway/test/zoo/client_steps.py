"""Has a Python client do what `client-steps.ts` has the others do: `client_steps.py CLIENT TRANSPORT MODE ADDRESSES`.

Prints a line of JSON for each step: what the program gets to see, or the error that it catches.
"""

import importlib
import json
import sys
from pathlib import Path

import anyio

sys.path.insert(0, str(Path(__file__).parent.parent / "e2e/real-clients/python"))

CALLS = [
    ("echo", {"message": 'héllo \u2028 "q" \\ 😀'}),
    ("get-sum", {"a": 2, "b": 0.1}),
    ("get-tiny-image", {}),
    ("get-annotated-message", {"messageType": "error", "includeImage": True}),
    ("get-structured-content", {"location": "New York"}),
    ("get-resource-links", {"count": 3}),
    ("get-sum", {"a": "wrong"}),
    ("zoo-unknown", {}),
]
URI = "demo://resource/static/document/architecture.md"


async def hello(client):
    return {"name": client.server_name()}


async def progress(client):
    heard = []

    async def on_progress(progress, total=None, message=None):
        heard.append([progress, total, message])

    result = await client.call("trigger-long-running-operation", {"duration": 1, "steps": 3}, on_progress)
    return {"heard": heard, "result": result}


STEPS = [
    ("hello", "initialize", hello),
    ("tools/list", "tools/list", lambda client: client.page("tools", None)),
    *((f"tools/call {name}", "tools/call", lambda client, name=name, args=args: client.call(name, args)) for name, args in CALLS),
    ("tools/call with progress", "tools/call", progress),
    ("resources/list", "resources/list", lambda client: client.page("resources", None)),
    ("resources/templates/list", "resources/templates/list", lambda client: client.page("resourceTemplates", None)),
    (f"resources/read {URI}", "resources/read", lambda client: client.read(URI)),
    ("resources/read zoo://unknown", "resources/read", lambda client: client.read("zoo://unknown")),
    ("prompts/list", "prompts/list", lambda client: client.page("prompts", None)),
    ("prompts/get", "prompts/get", lambda client: client.prompt("args-prompt", {"city": "x"})),
    ("prompts/get without its argument", "prompts/get", lambda client: client.prompt("args-prompt", {})),
    ("prompts/get zoo-unknown", "prompts/get", lambda client: client.prompt("zoo-unknown", {})),
    ("completion/complete", "completion/complete", lambda client: client.complete("completable-prompt", "department", "")),
]


async def main(module, transport, mode, addresses):
    open_client = importlib.import_module(module).open_client
    async with open_client(transport, mode, addresses) as client:
        for label, method, ask in STEPS:
            try:
                with anyio.fail_after(20):
                    said = {"kind": "result", "value": await ask(client)}
            except Exception as error:
                said = {"kind": "error", "value": f"{type(error).__name__}: {error}"}
            print(json.dumps({"label": label, "method": method, **said}), flush=True)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))
