package supervise

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// childAttributes puts the job into its own process group, to die with steprun.
func childAttributes() *syscall.SysProcAttr {
	// Outside a container steprun inherits the job's orphans too, so that both places behave alike.
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// offerToOOMKiller makes the kernel prefer the job to steprun when memory runs out, so that the end
// can be reported. Raising the score needs no privilege. Processes started by the job inherit it.
func offerToOOMKiller(pid int) {
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(os.Getpid()) {
		return // /proc shows another PID namespace: the number would name a stranger
	}
	const more = 500
	own := 0
	if text, err := os.ReadFile("/proc/self/oom_score_adj"); err == nil {
		own, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	}
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte(strconv.Itoa(min(own+more, 1000))), 0)
}
