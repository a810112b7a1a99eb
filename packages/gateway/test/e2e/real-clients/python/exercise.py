"""Exercises one Python client at the gateway: `exercise.py CLIENT TRANSPORT MODE ADDRESSES FEW`.

Prints a line of JSON for each exercise: its title, whether it passed, failed or was skipped, and why.
"""

import importlib
import json
import sys
import traceback

import anyio

NAME = "ada"
MANY = 1001
ODD = 'é\r\n\n\u2028\u0085\u0000"\\/data: 😀\ufeff'
WATCHED = "test://watched-resource"


class Skip(Exception):
    """The client cannot do this."""


async def until(holds):
    with anyio.fail_after(40):
        while not await holds():
            await anyio.sleep(0.01)


def text_of(result):
    return result["content"][0]["text"]


async def names_of(client, kind):
    names, cursor = [], None
    while True:
        page = await client.page(kind, cursor)
        names += [item["name"] for item in page[kind]]
        cursor = page.get("nextCursor")
        if cursor is None:
            return names


def expect_many(names, *some):
    assert len(names) > MANY, f"only {len(names)}"
    for name in some:
        assert name in names, f"{name} is missing"


async def knows(client):
    assert client.server_name() == "lockgate", client.server_name()


async def lists(client):
    tools = await names_of(client, "tools")
    expect_many(tools, "fixture__test_simple_text", "everything__echo", f"many__tool-{MANY - 1}")
    prompts = await names_of(client, "prompts")
    expect_many(prompts, "fixture__test_simple_prompt", f"many__prompt-{MANY - 1}")
    expect_many(await names_of(client, "resources"), "Static text", f"Item {MANY - 1}")
    expect_many(await names_of(client, "resourceTemplates"), "Template", f"Kind {MANY - 1}")


async def calls(client):
    assert "simple text response" in text_of(await client.call("fixture__test_simple_text"))
    assert "hello" in text_of(await client.call("everything__echo", {"message": "hello"}))
    assert (await client.call("fixture__test_error_handling"))["isError"] is True
    code, message = await client.error_of(client.call("fixture__none"))
    assert code == -32602 and "fixture__none" in message, (code, message)
    assert "5" in text_of(await client.call("everything__get-sum", {"a": 2, "b": 3}))


async def calls_many(client):
    said = [f"{number}{ODD * (10_000 if number == 0 else 1)}" for number in range(40)]
    answers = {}

    async def echo(number, message):
        answers[number] = text_of(await client.call("everything__echo", {"message": message}))

    async with anyio.create_task_group() as group:
        for number, message in enumerate(said):
            group.start_soon(echo, number, message)
    for number, message in enumerate(said):
        assert answers[number] == f"Echo: {message}", (number, answers[number][:200])


async def reads(client):
    contents = (await client.read("test://template/7/data"))["contents"]
    assert '"id":"7"' in contents[0]["text"], contents
    await client.error_of(client.read("none://at/all"))
    name = "fixture__test_prompt_with_arguments"
    prompt = await client.prompt(name, {"arg1": "a", "arg2": "b"})
    assert "arg1='a', arg2='b'" in prompt["messages"][0]["content"]["text"], prompt
    completion = await client.complete(name, "arg1", "par")
    assert completion["completion"]["values"] == ["paris", "park", "party"], completion


async def progresses(client):
    # What reaches a client in one chunk with the answer it may forget.
    for _ in range(5):
        heard = []

        async def on_progress(progress, total=None, message=None):
            heard.append(progress)

        await client.call("fixture__test_tool_with_progress", {}, on_progress)
        if heard == [0, 50, 100]:
            return
    assert False, heard


async def logs(client):
    # The other server may say something as well.
    def heard():
        return [said for said in client.logs if said.startswith("Tool ")]

    await client.call_with_logs("fixture__test_tool_with_logging", "error")
    assert heard() == [], client.logs
    await client.call_with_logs("fixture__test_tool_with_logging", "info")

    async def complete():
        expected = ["Tool execution started", "Tool processing data", "Tool execution completed"]
        return heard() == expected

    await until(complete)


async def cancels(client):
    async def waiting(count):
        async def holds():
            return text_of(await client.call("fixture__count_waiting")) == count

        await until(holds)

    if not client.cancels:
        raise Skip("this version tells the server nothing when its caller gives up")
    await waiting("0")
    async with anyio.create_task_group() as group:
        group.start_soon(client.call, "fixture__wait_until_cancelled")
        await waiting("1")
        group.cancel_scope.cancel()
    await waiting("0")


async def watches(client):
    async def heard(method):
        async def holds():
            return method in client.heard

        await until(holds)

    await client.watch(WATCHED)
    await client.call("fixture__touch_watched_resource")
    await heard("notifications/resources/updated")
    await client.call("fixture__test_trigger_tool_change")
    await heard("notifications/tools/list_changed")


async def samples(client):
    assert NAME in text_of(await client.call("fixture__test_sampling", {"prompt": "hi"}))
    assert f"file:///{NAME}" in text_of(await client.call("fixture__test_input_required_result_list_roots"))
    asked = await client.call("everything__trigger-sampling-request", {"prompt": "hi", "maxTokens": 10})
    assert NAME in text_of(asked), asked


async def tells_roots(client):
    assert NAME in text_of(await client.call("everything__get-roots-list"))
    before = client.asked

    async def asked():
        return client.asked > before

    await client.roots_changed()
    await until(asked)


async def elicits(client):
    if not client.elicits:
        raise Skip("this version does not know elicitation")
    assert f"{NAME}@x" in text_of(await client.call("fixture__test_elicitation", {"message": "who?"}))


async def pings(client):
    await client.ping()


EXERCISES = {
    "knows whom it talks to": knows,
    "lists tools, resources, templates and prompts, every page of them": lists,
    "calls tools: results, results that are errors, and errors": calls,
    "makes many calls at once, and each is answered with what was said in it, every character of it": calls_many,
    "reads resources, gets prompts and has arguments completed": reads,
    "hears the progress of its call": progresses,
    "hears log messages from the level on that it asked for": logs,
    "cancels a call, at the server too": cancels,
    "is told that a resource and the list of tools have changed": watches,
    "samples and tells its roots when it is asked in a call": samples,
    "says that its roots have changed, and is asked for them outside of any call": tells_roots,
    "answers for its user when it is asked in a call": elicits,
    "pings": pings,
}


async def do(title, exercise, client):
    said = {"title": title, "outcome": "passed"}
    try:
        with anyio.fail_after(60):
            await exercise(client)
    except Skip as why:
        said = {"title": title, "outcome": "skipped", "why": str(why)}
    except Exception:
        said = {"title": title, "outcome": "failed", "why": traceback.format_exc()}
    print(json.dumps(said), flush=True)


async def main(module, transport, mode, addresses, few):
    open_client = importlib.import_module(module).open_client
    # In the modern era clients ask for the whole list of tools before each call.
    lists_again = mode != "legacy"
    async with open_client(transport, mode, few if lists_again else addresses) as client:
        for title, exercise in EXERCISES.items():
            if lists_again and exercise is lists:
                async with open_client(transport, mode, addresses) as whole:
                    await do(title, exercise, whole)
            else:
                await do(title, exercise, client)


if __name__ == "__main__":
    # The clients import it by its name.
    sys.modules["exercise"] = sys.modules["__main__"]
    anyio.run(main, sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4]), json.loads(sys.argv[5]))
