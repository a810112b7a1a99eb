"""The client of fastmcp, on top of either major of the SDK."""

import inspect
from contextlib import asynccontextmanager

from fastmcp import Client
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport

try:
    import mcp_types as types
    from mcp import MCPError as McpError
except ImportError:
    from mcp import types
    from mcp.shared.exceptions import McpError

from exercise import NAME, Skip


def wire(result):
    return result.model_dump(by_alias=True, mode="json", exclude_none=True)


class FastMcp:
    elicits = True

    def __init__(self, mode):
        self.mode = mode
        self.cancels = "mode" in inspect.signature(Client).parameters
        self.logs = []
        self.asked = 0
        self.heard = []

    def server_name(self):
        info = getattr(self.client, "server_info", None)
        return (info or self.client.initialize_result.serverInfo).name

    async def page(self, kind, cursor):
        names = {"resourceTemplates": "list_resource_templates"}
        if "cursor" not in inspect.signature(self.client.list_tools_mcp).parameters:
            raise Skip("this version does not ask for a second page")
        items = await getattr(self.client, names.get(kind, f"list_{kind}"))()
        return {kind: [wire(item) for item in items]}

    async def call(self, name, args=None, on_progress=None):
        return wire(await self.client.call_tool_mcp(name, args or {}, progress_handler=on_progress))

    async def call_with_logs(self, name, level):
        if self.mode != "legacy":
            raise Skip("this version asks for log messages in the legacy era only")
        await self.client.set_logging_level(level)
        await self.call(name)

    async def error_of(self, coroutine):
        try:
            result = await coroutine
        except McpError as error:
            return error.error.code, error.error.message
        raise AssertionError(f"no error: {result}")

    async def read(self, uri):
        return {"contents": [wire(item) for item in await self.client.read_resource(uri)]}

    async def prompt(self, name, args):
        return wire(await self.client.get_prompt(name, args))

    async def complete(self, prompt, name, value):
        ref = types.PromptReference(type="ref/prompt", name=prompt)
        return wire(await self.client.complete_mcp(ref, {"name": name, "value": value}))

    async def watch(self, uri):
        if self.mode != "legacy":
            raise Skip("this version listens in the legacy era only")
        await self.client.session.subscribe_resource(uri)

    async def roots_changed(self):
        if self.mode != "legacy":
            raise Skip("the modern era has no news of roots")
        await self.client.send_roots_list_changed()

    async def ping(self):
        if self.mode != "legacy":
            raise Skip("the modern era has no ping")
        assert await self.client.ping()

    async def on_log(self, message):
        self.logs.append(message.data)

    async def on_message(self, message):
        self.heard.append(getattr(getattr(message, "root", message), "method", None))

    def handlers(self):
        async def sample(messages, params, context):
            return NAME

        async def elicit(message, response_type, params, context):
            return {"name": NAME, "username": NAME, "email": f"{NAME}@x"}

        async def roots(context):
            self.asked += 1
            return [f"file:///{NAME}"]

        return {
            "sampling_handler": sample,
            "elicitation_handler": elicit,
            "roots": roots,
            "log_handler": self.on_log,
            "message_handler": self.on_message,
        }


def open_transport(transport, addresses):
    if transport == "stdio":
        return StdioTransport(**addresses["stdio"])
    if transport == "HTTP+SSE":
        return SSETransport(addresses["sse"])
    return StreamableHttpTransport(addresses["http"])


@asynccontextmanager
async def open_client(transport, mode, addresses):
    client = FastMcp(mode)
    options = {"mode": mode} if client.cancels else {}
    async with Client(open_transport(transport, addresses), **options, **client.handlers()) as client.client:
        yield client
