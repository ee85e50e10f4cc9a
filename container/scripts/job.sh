# shellcheck shell=bash
# What every job needs: errors in one sentence, options, and the job's output.

job=${0##*/}

# Exit codes of the jobs' own failures (sysexits.h). A client's failure keeps the client's code.
readonly EX_USAGE=64 EX_DATAERR=65 EX_NOINPUT=66 EX_UNAVAILABLE=69

# fail CODE SENTENCE
fail() {
  printf '%s: %s\n' "$job" "$2" >&2
  exit "$1"
}

misuse() { fail "$EX_USAGE" "$1. See $job --help."; }

say() { printf '%s: %s\n' "$job" "$*"; }

# output KEY VALUE adds a field to the job's output; without steprun it is printed.
output() {
  if [[ -n ${STEPRUN_OUTPUT:-} ]]; then
    printf '%s=%s\n' "$1" "$2" >>"$STEPRUN_OUTPUT"
  else
    printf '%s=%s\n' "$1" "$2"
  fi
}

# need PROGRAM PACKAGE
need() {
  command -v "$1" >/dev/null ||
    fail "$EX_UNAVAILABLE" "$1 is not in this image; add the Debian package $2 to it"
}

# split_option turns --name=value into two words in "words"; other words stay as they are.
split_option() {
  words=()
  local word
  for word in "$@"; do
    if [[ $word == --*=* ]]; then
      words+=("${word%%=*}" "${word#*=}")
    else
      words+=("$word")
    fi
  done
}

# value_of OPTION COUNT stops when no value follows the option.
value_of() {
  (($2 > 1)) || misuse "$1 needs a value"
}

# is_s3 URI is false for one with a line break, which neither a list nor the job's output could hold.
is_s3() { [[ $1 =~ ^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^[:cntrl:]]*)?$ ]]; }
