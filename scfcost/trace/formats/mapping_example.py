"""An example of a mapping that names every key, with what each is for."""

EXAMPLE = """\
# mapping.toml: what the fields of a log mean. scfcost import FILE --suggest writes one for a log, to be corrected;
# scfcost estimate FILE --from mapping.toml reads the log by it.

kind = "json"               # "json": an object a line, an array, or within what shippers put around it;
                            # "delimited": columns; "w3c": columns named by #Fields: (IIS, CloudFront); "text": patterns
rows = "connections"        # what a row tells: "connections", "events" or "messages"; [pair] takes the place of it
# delimiter = ";"           # of columns; a comma unless it is said
# columns = ["id", "began"] # names of the columns of a file without a header
# pattern = '^(?P<close_time>\\S+) .* lasted (?P<duration>\\S+)'   # kind = "text": a line that tells a whole connection

[fields]                    # a column, keys down to a value joined by dots, a group of a pattern; a list joins two by
                            # a space. Rows of connections need two of connect_time, close_time and duration.
connect_time = "started_at"
close_time = ["end.date", "end.time"]
# duration = "latency"      # 600.123s, 12ms, 1m30s and 0:10:00 name their unit; of other numbers [units] does
# connection_id = "id"      # where it is an id of single connections; needed for events and messages
bytes_out = "response.size" # from the server to the client
bytes_in = "request.size"
# messages = "count"        # how many there were
client = "remote_ip"        # whom it is of, for --stitch
# close_code = "code"
# closed_by = "side"        # client or server
# function = "service"      # which function serves it
# time = "at"               # rows of events, messages and pairs: when it was,
# event = "type"            # what it was (events),
# direction = "way"         # up (from the client) or down,
# bytes = "size"            # and of how many bytes

[units]
time = "iso"                # ISO 8601; or s, ms, us, ns since 1970; or a form such as "%d/%b/%Y:%H:%M:%S %z".
                            # Times that name no zone are of --tz
# year = 2026               # of the first line, where the form has none
# day = 2026-01-31          # of the first line, where the form has neither, such as "%H:%M:%S.%f"
duration = "s"              # s, ms, us, ns, min or h

[only]                      # the lines to take, by the value of a field, or one of several; "" where it may be missing
status = [101, ""]

# [values]                  # rows = "events": which values of event and direction mean what
# connect = ["connect", "open"]
# message = "message"
# close = ["close", "end"]
# up = "in"
# down = "out"

# [pair]                    # lines that each tell one event, joined by a key. By the values of fields:
# key = "connectionId"      # or several: ["ip", "port"]
# open = { operation = "ConnectionStarted" }
# close = { operation = ["ConnectionEnded", "ConnectionAborted"] }
# message = { operation = "Message" }     # or message_up and message_down
# restart = { operation = "Started" }     # a line that ends all that is open
# unclosed = "open"         # without a close: "open" when the log ends, ended with its "last line", or "left out"
# unopened = "left out"     # without an opening: "left out", or open from the "start" of the log on
# shared = false            # true where several may have one key at a time (an address without its port)
#
# or by patterns, kind = "text", whose groups are the fields (time and key, and client, bytes, close_code, …):
# open = '^(?P<time>\\S+ \\S+) .* client (?P<key>\\w+) connected from (?P<client>\\S+)'
# close = '^(?P<time>\\S+ \\S+) .* client (?P<key>\\w+) disconnected'
# message_up = '^(?P<time>\\S+ \\S+) .* client (?P<key>\\w+) sent (?P<bytes>\\d+) bytes'
# message_down = '^(?P<time>\\S+ \\S+) .* sent (?P<bytes>\\d+) bytes to (?P<key>\\w+)'
# other = '^(?P<time>\\S+ \\S+) '  # of any other line: the log reaches to the last of them
"""
"""TOML, with a comment for each key."""
