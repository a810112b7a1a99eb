// The smallest plugin worth having: one tool and one setting.
#include "lockgate.h"

const char plugin_name[] = "hello";

const char plugin_metadata[] =
    "{ \"name\": \"hello\", \"version\": \"0.1.0\", \"abi_version\": 1,"
    "  \"plain_text_keys\": [\"greeting\"], \"optional_keys\": [\"greeting\"] }";

const char plugin_tools[] =
    "[{"
    "  \"name\": \"greet\","
    "  \"description\": \"Greets somebody.\","
    "  \"input_schema\": {"
    "    \"type\": \"object\","
    "    \"properties\": { \"who\": { \"type\": \"string\", \"description\": \"Whom to greet.\" } },"
    "    \"required\": [\"who\"]"
    "  },"
    "  \"annotations\": { \"readOnlyHint\": true, \"idempotentHint\": true }"
    "}]";

static lg_text greeting = {"Hello", 5};
static lg_text setting;

// Settings come before the first call, and again whenever they change: always all of them.
const char *plugin_configure(lg_text settings) {
  lg_text given = lg_string(lg_at(settings, "greeting"));
  if (given.length > 40) {
    lg_free((void *)given.at);
    return "the setting \"greeting\" has more than 40 bytes";
  }
  lg_free((void *)setting.at);
  setting = given;
  greeting = given.length > 0 ? given : (lg_text){"Hello", 5};
  return NULL;
}

static void greet(lg_text args, lg_reply *reply) {
  lg_text who = lg_string(lg_at(args, "who"));
  if (who.length == 0) {
    lg_refuse(reply, "greet: the argument \"who\" is required");
  } else {
    lg_log("greeting somebody");
    lg_say_text(reply, greeting);
    lg_say(reply, ", ");
    lg_say_text(reply, who);
    lg_say(reply, "!");
  }
  lg_free((void *)who.at);
}

void plugin_execute(lg_text tool, lg_text args, lg_reply *reply) {
  if (lg_is(tool, "greet")) greet(args, reply);
  else lg_refuse(reply, "there is no such tool");
}
