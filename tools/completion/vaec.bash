# Completion of vaec's command line for bash. The options come from the program's own help.
_vaec() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || { command=$word && break; }
  done
  if [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W \
      'compress decompress train evaluate embed info sample sweep restore help --help --version' -- "$current")
    return
  fi
  case $previous in
    --format) mapfile -t COMPREPLY < <(compgen -W 'png jpg webp tiff ppm bmp' -- "$current") && return ;;
    --scale) mapfile -t COMPREPLY < <(compgen -W '1 1/2 1/4 1/8 1/16' -- "$current") && return ;;
    --precision) mapfile -t COMPREPLY < <(compgen -W 'auto fp32 bf16' -- "$current") && return ;;
    --device) mapfile -t COMPREPLY < <(compgen -W 'auto cpu cuda' -- "$current") && return ;;
    --arch) mapfile -t COMPREPLY < <(compgen -W 'photo mnist' -- "$current") && return ;;
    --schedule) mapfile -t COMPREPLY < <(compgen -W 'cosine constant' -- "$current") && return ;;
    --only) mapfile -t COMPREPLY < <(compgen -W 'entropy' -- "$current") && return ;;
    --keep) mapfile -t COMPREPLY < <(compgen -W 'best last' -- "$current") && return ;;
    --tune) mapfile -t COMPREPLY < <(compgen -W 'eye psnr' -- "$current") && return ;;
    --net) mapfile -t COMPREPLY < <(compgen -W 'conv dense' -- "$current") && return ;;
    --activation) mapfile -t COMPREPLY < <(compgen -W 'silu relu tanh sigmoid' -- "$current") && return ;;
    --anchors) mapfile -t COMPREPLY < <(compgen -W 'jpeg webp jpeg2000 avif avif-psnr jxl heic' -- "$current") && return ;;
    --distortion) mapfile -t COMPREPLY < <(compgen -W 'mse xyb ms-ssim ssimulacra2 bce' -- "$current") && return ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W \
      "$("${COMP_WORDS[0]}" "$command" --help 2> /dev/null | grep -oE '^  (-[a-zA-Z],)?--[a-z0-9-]+' | tr ',' ' ')" \
      -- "$current")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -o filenames -F _vaec vaec
