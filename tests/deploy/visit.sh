# Runs inside the machine of machine.sh, as root: visits the service, looks at it, restarts it, stops the machine.
cd /outside
/opt/triage/bin/python visiting.py http://127.0.0.1:8017 capture.png lettre.pdf >visit.json
grep -E '^(NoNewPrivs|Seccomp|CapBnd):' "/proc/$(systemctl show -P MainPID triage-worker)/status" >limits
/opt/triage/bin/python - <<'PY' >metrics
import urllib.request
asked = urllib.request.Request("http://127.0.0.1:8017/metrics", headers={"Authorization": "Bearer secret"})
print(urllib.request.urlopen(asked).status, end="")
PY
systemctl start triage-backup.service
echo $? >backup
/opt/triage/bin/python - <<'PY' >restarted &
import time, urllib.request
begun = time.monotonic()
while time.monotonic() < begun + 12:
    print(urllib.request.urlopen("http://127.0.0.1:8017/", timeout=60).status)
    time.sleep(0.05)
PY
sleep 1
systemctl restart triage-web.service
wait
systemctl is-active triage-web.service triage-worker.service >states
journalctl --no-pager -u triage-web -u triage-worker -u triage-backup >journal 2>&1
systemctl poweroff --force --force
