"""The clients of the SDK's first major, from its first version with streamable HTTP on."""

import inspect
from contextlib import asynccontextmanager

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.exceptions import McpError
from pydantic import AnyUrl

from exercise import NAME, Skip


def wire(result):
    return result.model_dump(by_alias=True, mode="json", exclude_none=True)


class McpOne:
    cancels = False
    elicits = hasattr(types, "ElicitResult")

    def __init__(self):
        self.logs = []
        self.asked = 0
        self.heard = []

    def server_name(self):
        return self.hello.serverInfo.name

    async def page(self, kind, cursor):
        names = {"resourceTemplates": "list_resource_templates"}
        method = getattr(self.session, names.get(kind, f"list_{kind}"))
        if "cursor" not in inspect.signature(method).parameters:
            raise Skip("this version cannot ask for a second page")
        return wire(await method(cursor))

    async def call(self, name, args=None, on_progress=None):
        if on_progress is None:
            return wire(await self.session.call_tool(name, args or {}))
        if "progress_callback" not in inspect.signature(self.session.call_tool).parameters:
            raise Skip("this version cannot ask for progress")
        return wire(await self.session.call_tool(name, args, progress_callback=on_progress))

    async def call_with_logs(self, name, level):
        await self.session.set_logging_level(level)
        await self.call(name)

    async def error_of(self, coroutine):
        try:
            result = await coroutine
        except McpError as error:
            return error.error.code, error.error.message
        raise AssertionError(f"no error: {result}")

    async def read(self, uri):
        return wire(await self.session.read_resource(AnyUrl(uri)))

    async def prompt(self, name, args):
        return wire(await self.session.get_prompt(name, args))

    async def complete(self, prompt, name, value):
        ref = types.PromptReference(type="ref/prompt", name=prompt)
        return wire(await self.session.complete(ref, {"name": name, "value": value}))

    async def watch(self, uri):
        await self.session.subscribe_resource(AnyUrl(uri))

    async def roots_changed(self):
        await self.session.send_roots_list_changed()

    async def ping(self):
        await self.session.send_ping()

    async def on_log(self, params):
        self.logs.append(params.data)

    async def on_message(self, message):
        method = getattr(getattr(message, "root", message), "method", None)
        self.heard.append(method)

    def callbacks(self):
        async def sample(context, params):
            content = types.TextContent(type="text", text=NAME)
            return types.CreateMessageResult(role="assistant", model="none", content=content)

        async def roots(context):
            self.asked += 1
            return types.ListRootsResult(roots=[types.Root(uri=f"file:///{NAME}", name=NAME)])

        async def elicit(context, params):
            content = {"name": NAME, "username": NAME, "email": f"{NAME}@x"}
            return types.ElicitResult(action="accept", content=content)

        answers = {"sampling_callback": sample, "list_roots_callback": roots}
        if self.elicits:
            answers["elicitation_callback"] = elicit
        return {**answers, "logging_callback": self.on_log, "message_handler": self.on_message}


def open_transport(transport, addresses):
    if transport == "stdio":
        return stdio_client(StdioServerParameters(**addresses["stdio"]))
    if transport == "HTTP+SSE":
        return sse_client(addresses["sse"])
    return streamablehttp_client(addresses["http"])


@asynccontextmanager
async def open_client(transport, mode, addresses):
    client = McpOne()
    async with open_transport(transport, addresses) as (read, write, *_):
        async with ClientSession(read, write, **client.callbacks()) as client.session:
            client.hello = await client.session.initialize()
            yield client
