# Completion for bash: source deploy/completion/spark-curvature.bash
# Words, files and folders come from here alone: nothing is started.

_spark_curvature() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]-} command='' parts='' word i
  local commands='derive fit estimate infer predict effects compare influence spectrum check init'
  local options='--config --from --set --show --quiet --json --color --debug --help --version'
  # The shell takes = for a word of its own.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $before == '=' ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]-}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    # What follows goes to spark-submit.
    [[ $word != -- ]] || return 0
    [[ -n $command || $word == -* ]] || command=$word
  done
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "$commands --help --version" -- "$current"))
    return 0
  fi
  case $command in
    derive) parts='hessian rows all' ;;
    fit | estimate | infer | effects | spectrum) parts='all' ;;
    check) parts='graph formulas steps differences all' ;;
    compare) options='--quiet --json --color --debug --help --version' ;;
    predict | influence) options=${options/--show /} ;;
    init) options='--table --sql --response --family --set --debug --help --version' ;;
  esac
  case $before in
    --config)
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -f -- "$current"))
      ;;
    --from)
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -d -- "$current"))
      ;;
    --show)
      # Several parts stand behind commas.
      local said=''
      [[ $current != *,* ]] || said=${current%,*},
      COMPREPLY=($(compgen -P "$said" -W "$parts" -- "${current##*,}"))
      ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$current")) ;;
    --set) ;;
    *)
      if [[ $current == -* || $command != compare && $command != init ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
      else
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen -f -- "$current"))
      fi
      ;;
  esac
}

complete -F _spark_curvature spark-curvature
