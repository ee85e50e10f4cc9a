# shellcheck shell=bash disable=SC2034
# What the two database dumps share: their options, the object's name, and reading it back.

databases=() all='' tables=() excluded=() schema_only=()
compress=zstd verify=1 restore_test='' globals=''
to=${ARTIFACTS:-} name='{database}/{date}T{time}'

dump_options_help() {
  cat <<HELP
  --all                    every database but the server's own
  --tables A,B             only these tables ($1)
  --exclude-table A,B      leave these tables out
  --schema-only A,B        these tables without their rows
  --compress zstd|gzip|none   (zstd)
  --no-verify              do not read the object back; rows are then not counted
  --restore-test           restore the object into a scratch database, compare, drop it
  --to s3://BUCKET/PREFIX  where the object goes (\$ARTIFACTS)
  --name TEMPLATE          its name below that ({database}/{date}T{time}); the suffix is added
  --help

The connection is taken from DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_NAME, or DB_SOCKET; DB_TLS is verify
(for a remote host) or off, DB_TLS_CA a file of certificates.
HELP
}

# parse_dump_options WORD… sets the variables above. The database is DB_NAME when none is named.
parse_dump_options() {
  local words list
  split_option "$@"
  set -- ${words[@]+"${words[@]}"}
  while (($#)); do
    case $1 in
      --help) usage && exit 0 ;;
      --all) all=1 ;;
      --verify) verify=1 ;;
      --no-verify) verify='' ;;
      --restore-test) restore_test=1 ;;
      --globals)
        [[ $job == postgres-dump ]] || misuse 'unknown option --globals'
        globals=1
        ;;
      --tables | --table | --exclude-table | --schema-only)
        value_of "$1" $#
        IFS=, read -ra list <<<"$2"
        case $1 in
          --exclude-table) excluded+=("${list[@]}") ;;
          --schema-only) schema_only+=("${list[@]}") ;;
          *) tables+=("${list[@]}") ;;
        esac
        shift
        ;;
      --compress | --to | --name)
        value_of "$1" $#
        printf -v "${1#--}" %s "$2"
        shift
        ;;
      -*) misuse "unknown option $1" ;;
      *) databases+=("$1") ;;
    esac
    shift
  done
  check_dump_options
}

check_dump_options() {
  case $compress in
    zstd | gzip | none) ;;
    *) misuse "--compress is $compress; give zstd, gzip or none" ;;
  esac
  [[ -n $to ]] || misuse 'no place for the dump; give --to s3://BUCKET/PREFIX or set ARTIFACTS'
  is_s3 "$to" || misuse "--to is $to; give s3://BUCKET/PREFIX"
  if [[ -n $all ]]; then
    ((${#databases[@]} == 0)) || misuse '--all and a database do not go together'
  elif ((${#databases[@]} == 0)) && [[ -n ${DB_NAME:-} ]]; then
    databases=("$DB_NAME")
  fi
  if [[ -n $restore_test && -z $verify ]]; then
    misuse '--restore-test compares with what was read back, so it cannot go with --no-verify'
  fi
}

# is_remote is false for a socket and for this machine, where there is nothing to listen in on.
is_remote() {
  [[ -z ${DB_SOCKET:-} ]] || return 1
  case ${DB_HOST:-localhost} in localhost | 127.* | ::1) return 1 ;; *) return 0 ;; esac
}

tls_wanted() {
  case ${DB_TLS:-} in
    verify) return 0 ;;
    off) return 1 ;;
    '') is_remote ;;
    *) misuse "DB_TLS is $DB_TLS; give verify or off" ;;
  esac
}

# object_uri DATABASE SUFFIX
object_uri() {
  local path=$name
  path=${path//'{date}'/$(date -u +%F)}
  path=${path//'{time}'/$(date -u +%H%M%SZ)}
  [[ ${path//'{database}'/} != *[{}]* ]] || misuse "--name has an unknown word in $name; use {database}, {date} and {time}"
  # Last, for a name may have braces, and quoted, for it may have an &.
  path=${path//'{database}'/"$1"}
  is_s3 "${to%/}/$path" || misuse 'the name of the object has a line break or another control character; give another by --name'
  case $compress in
    zstd) path=$path$2.zst ;;
    gzip) path=$path$2.gz ;;
    none) path=$path$2 ;;
  esac
  printf '%s/%s' "${to%/}" "$path"
}

unpack() {
  case $compress in
    zstd) zstd -dcq ;;
    gzip) gzip -dc ;;
    none) cat ;;
  esac
}

# field FILE KEY prints the last value of a key in an output file.
field() { sed -n "s/^$2=//p" "$1" | tail -n 1; }

# upload TRAILER URI PRODUCER… leaves what steprun says about the object in $result.
upload() {
  local trailer=$1 uri=$2
  shift 2
  : >"$result"
  STEPRUN_OUTPUT=$result steprun pipe --compress "$compress" ${trailer:+--trailer "$trailer"} "$uri" -- "$@"
}

# publish adds what steprun said about the object to the job's output.
publish() {
  local line
  while IFS= read -r line; do output "${line%%=*}" "${line#*=}"; done <"$result"
}

# read_back URI COUNTER… unpacks the whole stored object through a counter, whose lines go to $counts. steprun
# compares the checksum that it stored with what it reads.
read_back() {
  local uri=$1
  shift
  steprun get "$uri" - | unpack | "$@" >"$counts" ||
    fail "$EX_DATAERR" "$uri cannot be read back whole; do not rely on it, and dump again"
}

# count WHAT prints the sum of the counter's lines "WHAT NAME NUMBER".
count() { awk -v what="$1" '$1 == what { n += $NF } END { printf "%d\n", n }' "$counts"; }

# differ WHAT EXPECTED FOUND adds to $differences when the two are not equal.
differ() {
  [[ $2 == "$3" ]] || differences="${differences:+$differences, }$1 $3 instead of $2"
}

# differing_table DUMPED RESTORED names the first table whose line "NAME ROWS" is not the same in both files.
differing_table() {
  comm -3 <(sort "$1") <(sort "$2") | awk 'NR == 1 { sub(/^\t/, ""); sub(/ [0-9]+$/, ""); print }'
}

# rows_of TABLE FILE
rows_of() { table=$1 awk '{ n = $NF; sub(/ [0-9]+$/, "") } $0 == ENVIRON["table"] { found = n } END { print found + 0 }' "$scratch/$2"; }

scratch_name() { printf 'stepdeck_restore_%s' "$(od -An -N5 -tx1 /dev/urandom | tr -d ' \n')"; }
