package runner

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

func TestGroupsOfADeadProcessAreSweptAndThoseOfALivingOneStay(t *testing.T) {
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	mount := t.TempDir()
	folder := func(pid int) string {
		dir := filepath.Join(mount, groupPrefix+strconv.Itoa(pid)+"-123")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	dead, own := folder(ended.Process.Pid), folder(os.Getpid())
	sweepGroups(mount)
	if _, err := os.Stat(dead); !os.IsNotExist(err) {
		t.Errorf("the folder of a dead process stayed: %v", err)
	}
	if _, err := os.Stat(own); err != nil {
		t.Errorf("the folder of a living process was swept: %v", err)
	}
}
