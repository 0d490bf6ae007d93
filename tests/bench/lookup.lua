-- For wrk: every request asks for another pair, from a file with one "ID number, certificate number" per line, as another
-- visitor, and every answer is looked at. Arguments: the file, of how many threads, the cookie, what is added to the form,
-- and how many pairs each thread leaves out at first.
local threads = {}

function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end

function init(args)
  pairs_of_thread = {}
  local place, step = 0, tonumber(args[2])
  for line in io.lines(args[1]) do
    if place % step == id then
      table.insert(pairs_of_thread, line)
    end
    place = place + 1
  end
  at, right, wrong = tonumber(args[5] or 0), 0, 0
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Cookie"] = args[3] }
  extra = args[4] or ""
end

function request()
  at = at % #pairs_of_thread + 1
  local person, number = pairs_of_thread[at]:match("^(%w+) (%w+)$")
  headers["X-Forwarded-For"] = string.format("10.%d.%d.%d", id, math.floor(at / 256) % 256, at % 256)
  return wrk.format("POST", nil, headers, "id_number=" .. person .. "&certificate_number=" .. number .. extra)
end

function response(status, headers, body)
  if status == 200 and body:find('data-outcome="found"', 1, true) then
    right = right + 1
  else
    wrong = wrong + 1
  end
end

function done(summary, latency, requests)
  local all_right, all_wrong = 0, 0
  for _, thread in ipairs(threads) do
    all_right = all_right + thread:get("right")
    all_wrong = all_wrong + thread:get("wrong")
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"seconds": %f, "right": %d, "wrong": %d, "socket_errors": %d, "bytes": %d, "p50": %f, "p99": %f}\n',
    summary.duration / 1e6, all_right, all_wrong, errors.connect + errors.read + errors.write + errors.timeout,
    summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
