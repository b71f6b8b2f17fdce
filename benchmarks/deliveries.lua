-- Signed deliveries for wrk: the bodies of the file named by BENCH_BODIES (a line each: signature, tab, JSON), one after
-- the other, each request with a GUID of its own that runs like the clock in GitHub's.
--
-- They are put together beforehand: what is measured has to share the machine's cores with whoever sends.
local requests, sent = {}, 0
local clock = os.time() * 10000
local guid = string.format("%%08x-%%04x-11f0-%04x-4c9367dc0958", tonumber(os.getenv("BENCH_ROUND")))
local head

local function begin(n)
  local now = clock + n
  return head .. string.format(guid, now % 0x100000000, math.floor(now / 0x100000000) % 0x10000)
end

function init(args)
  head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nX-GitHub-Delivery: "
  for line in io.lines(os.getenv("BENCH_BODIES")) do
    local signature, body = line:match("^([^\t]+)\t(.*)$")
    requests[#requests + 1] = table.concat({
      begin(#requests + 1),
      "Accept: */*",
      "Content-Type: application/json",
      "User-Agent: bench",
      "X-GitHub-Event: push",
      "X-GitHub-Hook-ID: 292430182",
      "X-GitHub-Hook-Installation-Target-ID: 186853002",
      "X-GitHub-Hook-Installation-Target-Type: repository",
      "X-Hub-Signature-256: " .. signature,
      "Content-Length: " .. #body,
      "",
      body,
    }, "\r\n")
  end
end

function request()
  sent = sent + 1
  local text = requests[(sent - 1) % #requests + 1]
  if sent <= #requests then return text end
  local beginning = begin(sent)
  return beginning .. text:sub(#beginning + 1)
end

function done(summary, latency)
  local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format('{"requests":%d,"seconds":%f,"errors":%d,"p50Ms":%f,"p99Ms":%f,"maxMs":%f}', summary.requests,
    summary.duration / 1e6, errors, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
