"""The client of the SDK's second major, in both eras."""

import warnings
from contextlib import AsyncExitStack, asynccontextmanager

from mcp import Client, MCPError, StdioServerParameters, types
from mcp.client.sse import sse_client

from exercise import NAME, Skip

LOG_LEVEL = "io.modelcontextprotocol/logLevel"

warnings.simplefilter("ignore")


def wire(result):
    return result.model_dump(by_alias=True, mode="json", exclude_none=True)


class McpTwo:
    cancels = True
    elicits = True

    def __init__(self, mode):
        self.mode = mode
        self.logs = []
        self.asked = 0
        self.heard = []
        self.streams = AsyncExitStack()

    def server_name(self):
        return self.client.server_info.name

    async def page(self, kind, cursor):
        names = {"resourceTemplates": "list_resource_templates"}
        return wire(await getattr(self.client, names.get(kind, f"list_{kind}"))(cursor=cursor))

    async def call(self, name, args=None, on_progress=None, meta=None):
        return wire(await self.client.call_tool(name, args or {}, progress_callback=on_progress, meta=meta))

    async def call_with_logs(self, name, level):
        if self.mode == "legacy":
            await self.client.set_logging_level(level)
            return await self.call(name)
        await self.call(name, meta={LOG_LEVEL: level})

    async def error_of(self, coroutine):
        try:
            result = await coroutine
        except MCPError as error:
            return error.code, error.message
        raise AssertionError(f"no error: {result}")

    async def read(self, uri):
        return wire(await self.client.read_resource(uri))

    async def prompt(self, name, args):
        return wire(await self.client.get_prompt(name, args))

    async def complete(self, prompt, name, value):
        ref = types.PromptReference(type="ref/prompt", name=prompt)
        return wire(await self.client.complete(ref, {"name": name, "value": value}))

    async def watch(self, uri):
        if self.mode == "legacy":
            await self.client.subscribe_resource(uri)
        else:
            listening = self.client.listen(tools_list_changed=True, resource_subscriptions=[uri])
            await self.streams.enter_async_context(listening)

    async def roots_changed(self):
        if self.mode != "legacy":
            raise Skip("the modern era has no news of roots")
        await self.client.send_roots_list_changed()

    async def ping(self):
        if self.mode != "legacy":
            raise Skip("the modern era has no ping")
        await self.client.send_ping()

    async def on_log(self, params):
        self.logs.append(params.data)

    async def on_message(self, message):
        self.heard.append(getattr(message, "method", None))

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

        return {
            "sampling_callback": sample,
            "list_roots_callback": roots,
            "elicitation_callback": elicit,
            "logging_callback": self.on_log,
            "message_handler": self.on_message,
        }


def open_transport(transport, addresses):
    if transport == "stdio":
        return StdioServerParameters(**addresses["stdio"])
    if transport == "HTTP+SSE":
        return sse_client(addresses["sse"])
    return addresses["http"]


@asynccontextmanager
async def open_client(transport, mode, addresses):
    client = McpTwo(mode)
    made = Client(open_transport(transport, addresses), mode=mode, **client.callbacks())
    async with made as client.client, client.streams:
        yield client
