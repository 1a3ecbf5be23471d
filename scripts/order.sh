#!/usr/bin/env bash
# Writes jobs/JOB/JOB.order: the methods that the runs of a CronJob enter, in the order in which the native compiler lays them out.
# Side by side they fill a fifth of the pages that they touch when they lie anywhere in the binary. What a list names that is no more
# is passed over, so it need not follow every change; the figures of `make bench` tell when it is due.
# Linux on x86-64 only. Usage: order.sh CONFIGURATION RID
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${1:-Release}
rid=${2:?usage: order.sh CONFIGURATION RID}
[ "$rid" = linux-x64 ] || { echo "order.sh: methods are followed on linux-x64, not on $rid." >&2; exit 2; }
make --no-print-directory publish "CONFIGURATION=$configuration" "RID=$rid"

folder=$PWD/artifacts/order
rm -rf "$folder"
mkdir -p "$folder"
clang -O2 -Wall -Wextra -Werror -o "$folder/measure" tests/Bench/measure.c
clang -O2 -Wall -Wextra -Werror -shared -fPIC -o "$folder/entered.so" tests/Bench/entered.c
cat >"$folder/follow" <<END
#!/bin/sh
ENTERED='$folder' LD_PRELOAD='$folder/entered.so' exec '$folder/measure' "\$@"
END
chmod +x "$folder/follow"

# An address has several names where one body serves several methods.
for job in oidc certsync; do
  symbols=jobs/$job/bin/$configuration/net10.0/$rid/native/$job.dbg
  section=$(readelf --section-headers --wide "$symbols" | sed -n 's/^ *\[ *\([0-9]*\)\] __managedcode .*/\1/p')
  readelf --symbols --wide "$symbols" | awk -v section="$section" '$4 == "FUNC" && $3 + 0 > 0 && $7 == section { print $2, $8 }' >"$folder/$job.names"
  cut -d ' ' -f 1 "$folder/$job.names" | sort -u >"$folder/$job.methods"
done

dotnet run --project tests/Bench --configuration "$configuration" --no-launch-profile --verbosity quiet -- "$folder/follow" 2 "$folder/table.md" 2 >/dev/null

# What more runs enter comes first, and of that what is entered earlier.
for job in oidc certsync; do
  awk '{ runs[$1]++; if (!($1 in earliest) || FNR < earliest[$1]) earliest[$1] = FNR } END { for (method in runs) print runs[method], earliest[method], method }' "$folder/$job".*.entered |
    sort -k 1,1nr -k 2,2n -k 3,3 |
    awk 'NR == FNR { names[$1] = names[$1] $2 "\n"; next } { printf "%s", names[$3] }' "$folder/$job.names" - >"$folder/$job.order"
  mv "$folder/$job.order" "jobs/$job/$job.order"
  echo "jobs/$job/$job.order: $(wc -l <"jobs/$job/$job.order") methods of $(ls "$folder/$job".*.entered | wc -l) runs"
done
