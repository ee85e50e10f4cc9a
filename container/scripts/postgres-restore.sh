# shellcheck shell=bash disable=SC2154
# The restore test of postgres-dump: into a scratch database on the same server, compared, and always dropped.

restored=''

drop_scratch() {
  [[ -n $restored ]] || return 0
  query "$maintenance" "DROP DATABASE IF EXISTS $restored" ||
    say "the scratch database $restored is left on $where; drop it by hand" >&2
  restored=''
}

# objects DATABASE prints how many there are of each kind, without the system's and the extensions' own.
objects() {
  local own="n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.deptype = 'e' AND d.objid = "
  query "$1" "
    SELECT 'tables ' || count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'p') AND $own c.oid);
    SELECT 'views ' || count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('v', 'm') AND $own c.oid);
    SELECT 'sequences ' || count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'S' AND $own c.oid);
    SELECT 'routines ' || count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE $own p.oid);
    SELECT 'triggers ' || count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace
      WHERE NOT tgisinternal AND $own t.oid);"
}

# A chosen part of a database brings only some of its objects, so that tables and rows alone can be compared.
is_part() { ((${#tables[@]} + ${#excluded[@]})); }

remember_source() { is_part || objects "$1" >"$scratch/source"; }

# restored_rows prints "schema.table rows" for every restored table that has rows.
restored_rows() {
  query "$restored" "
    SELECT name || ' ' || rows FROM (
      SELECT format('%I.%I', nspname, relname) AS name,
        (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM ONLY %I.%I', nspname, relname), false, true, '')))[1]::text AS rows
      FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema')) counted
    WHERE rows <> '0'"
}

# restore DATABASE URI restores the stored object and fails with one sentence when it is not what was dumped.
restore() {
  local database=$1 uri=$2 kind expected found name
  name=$(scratch_name)
  query "$maintenance" "CREATE DATABASE $name TEMPLATE template0"
  restored=$name
  # Chosen tables come without the functions that their triggers call.
  local sections=()
  ((${#tables[@]} == 0)) || sections=(--section=pre-data --section=data)
  say "restoring $uri into $name"
  steprun get "$uri" - | unpack |
    pg_restore ${sections[@]+"${sections[@]}"} --no-owner --no-privileges --exit-on-error --no-password "--dbname=$(conninfo "$name")" ||
    fail "$?" "$uri cannot be restored; read the client's message above, and do not rely on this dump"

  differences=''
  objects "$name" >"$scratch/restored"
  if ! is_part; then
    while read -r kind expected; do
      found=$(awk -v kind="$kind" '$1 == kind { print $2 }' "$scratch/restored")
      differ "$kind" "$expected" "$found"
    done <"$scratch/source"
  else
    differ tables "$(count table)" "$(awk '$1 == "tables" { print $2 }' "$scratch/restored")"
  fi
  sed -n '/ 0$/d; s/^rows //p' "$counts" >"$scratch/dumped-rows"
  restored_rows >"$scratch/restored-rows"
  local table
  table=$(differing_table "$scratch/dumped-rows" "$scratch/restored-rows")
  if [[ -n $table ]]; then
    differ "rows of $table" "$(rows_of "$table" dumped-rows)" "$(rows_of "$table" restored-rows)"
  fi
  [[ -z $differences ]] ||
    fail "$EX_DATAERR" "the restored $uri differs from the source: $differences; do not rely on this dump, and look for changes of the schema while it ran"
  say "restored: $(tr '\n' ' ' <"$scratch/restored")and $(count rows) rows as in the source"
  drop_scratch
}
