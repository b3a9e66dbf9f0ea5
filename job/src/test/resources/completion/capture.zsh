#!/usr/bin/env zsh
# What zsh offers for the last word of a line: capture.zsh FOLDER-OF-COMPLETIONS LINE
# Completion needs a terminal: a zsh on one of its own says what it would add to the line.
zmodload zsh/zpty
out=$(mktemp)
zpty z zsh -f -i
zpty -w z "cd ${(q)PWD}; out=$out; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
cat > $out.zsh <<'Z'
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -A hits "$@"
  print -rl -- $hits >> $out
  builtin compadd "$@"
}
capture() { zle complete-word; print END >> $out; }
zle -N capture
bindkey '^X' capture
setopt no_auto_menu
Z
zpty -w z "source $out.zsh; print READ''Y >> $out"
for ((k = 0; k < 200; k++)); do grep -q READY $out && break; sleep 0.1; done
zpty -w -n z "$2"$'\x18'
for ((k = 0; k < 200; k++)); do grep -q END $out && break; sleep 0.1; done
zpty -d z
grep -v 'READY\|END' $out | sort -u
rm -f $out $out.zsh
