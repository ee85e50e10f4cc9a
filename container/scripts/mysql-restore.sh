# shellcheck shell=bash disable=SC2154
# The restore test of mysql-dump: into scratch databases on the same server, compared, and always dropped.

restored=()

drop_scratch() {
  local database
  for database in ${restored[@]+"${restored[@]}"}; do
    query "DROP DATABASE IF EXISTS \`$database\`" || say "the scratch database $database is left on $where; drop it by hand" >&2
  done
}

# objects DATABASE… prints how many there are of each kind.
objects() {
  local in
  in=$(schemas "$@")
  query "SELECT CONCAT(
    'tables ', (SELECT COUNT(*) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema IN $in),
    '\nviews ', (SELECT COUNT(*) FROM information_schema.views WHERE table_schema IN $in),
    '\nroutines ', (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema IN $in),
    '\ntriggers ', (SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema IN $in),
    '\nevents ', (SELECT COUNT(*) FROM information_schema.events WHERE event_schema IN $in))"
}

# A chosen part of a database brings only some of its objects, so that tables and rows alone can be compared.
is_part() { ((${#tables[@]} + ${#excluded[@]})); }

remember_source() { is_part || objects "${databases[@]}" >"$scratch/source"; }

# create_scratch makes a scratch database for each, with the same character set, and an editing script that
# turns a dump's own database names into these.
create_scratch() {
  local base database i charset
  base=$(scratch_name)
  : >"$scratch/rename"
  for i in "${!databases[@]}"; do
    database=${base}_$i
    charset=$(query "SELECT CONCAT(default_character_set_name, ' COLLATE ', default_collation_name)
      FROM information_schema.schemata WHERE schema_name = $(quote "${databases[i]}")")
    query "CREATE DATABASE \`$database\` CHARACTER SET $charset"
    restored+=("$database")
    local from
    # As the dump quotes it: a name that is not turned would be restored over its source.
    from=$(sed 's/`/``/g; s/[][\.*^$/]/\\&/g' <<<"${databases[i]}")
    {
      echo "s/^USE \`$from\`;/USE \`$database\`;/"
      echo "/^CREATE DATABASE /s/\`$from\`/\`$database\`/"
    } >>"$scratch/rename"
  done
  # Whatever else a dump turns to is not restored over its source: the client stops at a line that is no SQL.
  echo "/^USE /{/^USE \`${base}_[0-9]*\`;\$/!s/^/not restored: /;}" >>"$scratch/rename"
  # A restored event must not fire.
  echo '/^\/\*!50106 CREATE\*\/ /s/ PRESERVE ENABLE / PRESERVE DISABLE /' >>"$scratch/rename"
}

# restored_rows prints "database.table rows" for every restored table, under its name at the source.
restored_rows() {
  local i
  for i in "${!restored[@]}"; do
    query "SELECT CONCAT('SELECT CONCAT(', QUOTE(CONCAT($(quote "${databases[i]}"), '.', table_name, ' ')), ', COUNT(*)) FROM \`',
      table_schema, '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`;')
      FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema = '${restored[i]}'" >"$scratch/count.sql"
    query "$(cat "$scratch/count.sql")"
  done
}

# restore URI restores the stored object and fails with one sentence when it is not what was dumped.
restore() {
  local uri=$1 kind expected found
  create_scratch
  say "restoring $uri into ${restored[*]}"
  steprun get "$uri" - | unpack | sed -f "$scratch/rename" |
    "$sql" "${connection[@]}" --max-allowed-packet=1G --default-character-set=utf8mb4 "${restored[0]}" ||
    fail "$?" "$uri cannot be restored; read the client's message above, and do not rely on this dump"

  differences=''
  objects "${restored[@]}" >"$scratch/restored"
  if ! is_part; then
    while read -r kind expected; do
      found=$(awk -v kind="$kind" '$1 == kind { print $2 }' "$scratch/restored")
      differ "$kind" "$expected" "$found"
    done <"$scratch/source"
  else
    differ tables "$(count table)" "$(awk '$1 == "tables" { print $2 }' "$scratch/restored")"
  fi
  # Empty tables are left out on both sides: a table dumped without its rows is there with none.
  sed -n '/ 0$/d; s/^rows //p' "$counts" >"$scratch/dumped-rows"
  restored_rows | sed '/ 0$/d' >"$scratch/restored-rows"
  local table
  table=$(differing_table "$scratch/dumped-rows" "$scratch/restored-rows")
  if [[ -n $table ]]; then
    differ "rows of $table" "$(rows_of "$table" dumped-rows)" "$(rows_of "$table" restored-rows)"
  fi
  [[ -z $differences ]] ||
    fail "$EX_DATAERR" "the restored $uri differs from the source: $differences; do not rely on this dump, and look for changes of the schema while it ran"
  output restored true
  say "restored: $(tr '\n' ' ' <"$scratch/restored")and $(count rows) rows as in the source"
}
