-- For wrk with one connection per thread: requests that are due at a set rate, whether the one before is answered or not.
-- Each waiting time counts from the moment at which its request was due, so that a stall is felt by everybody who would have
-- come meanwhile. Arguments: the file of pairs, one for each request, how many threads, requests per second, the cookie, and
-- what is added to the form.
local ffi = require("ffi")
ffi.cdef([[
  typedef struct { long seconds; long nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
  int clock_nanosleep(int clock, int flags, const moment *until, moment *rest);
]])
local MONOTONIC, ABSOLUTE = 1, 1
local BEGINS_IN_SECONDS = 0.5
local threads = {}

local function seconds_now()
  local now = ffi.new("moment")
  ffi.C.clock_gettime(MONOTONIC, now)
  return tonumber(now.seconds) + tonumber(now.nanoseconds) / 1e9
end

local function sleep_until(seconds)
  local whole = math.floor(seconds)
  local due = ffi.new("moment", whole, math.floor((seconds - whole) * 1e9))
  while ffi.C.clock_nanosleep(MONOTONIC, ABSOLUTE, due, nil) ~= 0 do end
end

function setup(thread)
  begins = begins or seconds_now() + BEGINS_IN_SECONDS
  thread:set("id", #threads)
  thread:set("begins", begins)
  table.insert(threads, thread)
end

function init(args)
  local place, step, rate = 0, tonumber(args[2]), tonumber(args[3])
  asked, waits, at = {}, {}, 0
  -- wrk has its first thread make one more before it begins, and doesn't send it.
  greetings = id == 0 and 2 or 1
  for line in io.lines(args[1]) do
    if place % step == id then
      local person, number = line:match("^(%w+) (%w+)$")
      local form = "id_number=" .. person .. "&certificate_number=" .. number .. (args[5] or "")
      local visitor = string.format("10.9.%d.%d", math.floor(place / 256) % 256, place % 256)
      table.insert(asked, { due = begins + place / rate, form = form, visitor = visitor })
    end
    place = place + 1
  end
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Cookie"] = args[4] }
end

function request()
  if greetings > 0 then
    -- A server of threads keeps one waiting for whoever has connected and says nothing yet.
    greetings = greetings - 1
    return wrk.format("GET", "/healthz")
  end
  at = at + 1
  local one = asked[at]
  if not one then
    -- The last answer was lost with its connection; nothing is left to ask for, and what this brings isn't counted.
    wrk.thread:stop()
    return wrk.format("POST")
  end
  sleep_until(one.due)
  headers["X-Forwarded-For"] = one.visitor
  return wrk.format("POST", nil, headers, one.form)
end

function response(status, _, body)
  if asked[at] and status == 200 and body:find('data-outcome="found"', 1, true) then
    table.insert(waits, (seconds_now() - asked[at].due) * 1e3)
  end
  if at >= #asked then
    wrk.thread:stop()
  end
end

function done()
  for _, thread in ipairs(threads) do
    for _, wait in ipairs(thread:get("waits")) do
      io.write(string.format("WAITED %.4f\n", wait))
    end
  end
end
