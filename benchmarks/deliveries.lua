-- Signed deliveries for wrk: the bodies of the file named by BENCH_BODIES (a line each: signature, tab, JSON), one after
-- the other, each request with a GUID of its own that runs like the clock in GitHub's.
local requests, guids = {}, 0
local started = os.time()

function init(args)
  for line in io.lines(os.getenv("BENCH_BODIES")) do
    local signature, body = line:match("^([^\t]+)\t(.*)$")
    requests[#requests + 1] = { signature = signature, body = body }
  end
end

function request()
  guids = guids + 1
  local next = requests[(guids - 1) % #requests + 1]
  local clock = started * 10000 + guids
  local guid = string.format("%08x-%04x-11f0-%04x-%012x", clock % 0x100000000, math.floor(clock / 0x100000000) % 0x10000,
    tonumber(os.getenv("BENCH_ROUND")), 0x4c9367dc0958)
  return wrk.format("POST", nil, {
    ["Accept"] = "*/*",
    ["Content-Type"] = "application/json",
    ["User-Agent"] = "bench",
    ["X-GitHub-Delivery"] = guid,
    ["X-GitHub-Event"] = "push",
    ["X-GitHub-Hook-ID"] = "292430182",
    ["X-GitHub-Hook-Installation-Target-ID"] = "186853002",
    ["X-GitHub-Hook-Installation-Target-Type"] = "repository",
    ["X-Hub-Signature-256"] = next.signature,
  }, next.body)
end

function done(summary, latency)
  local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format('{"requests":%d,"seconds":%f,"errors":%d,"p50Ms":%f,"p99Ms":%f,"maxMs":%f}', summary.requests,
    summary.duration / 1e6, errors, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
