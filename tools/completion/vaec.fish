# Completion of vaec's command line for fish. The options come from the program's own help.
set -l commands compress decompress train evaluate embed info sample sweep restore
complete -c vaec -n "not __fish_seen_subcommand_from $commands" -f -a "$commands"
complete -c vaec -n "not __fish_seen_subcommand_from $commands" -l version -s V -d "Print the version"
complete -c vaec -l help -s h -d "Print help"

function __vaec_options
    set -l words (commandline -opc)
    vaec $words[2] --help 2>/dev/null | string match -rg '^  (?:-[a-zA-Z],)?(--[a-z0-9-]+)'
end
complete -c vaec -n "__fish_seen_subcommand_from $commands; and string match -q -- '-*' (commandline -ct)" -f -a "(__vaec_options)"
complete -c vaec -n "__fish_seen_subcommand_from decompress" -l format -x -a "png jpg webp tiff ppm bmp"
complete -c vaec -n "__fish_seen_subcommand_from decompress" -l scale -x -a "1 1/2 1/4 1/8 1/16"
complete -c vaec -n "__fish_seen_subcommand_from compress evaluate" -l tune -x -a "eye psnr"
complete -c vaec -n "__fish_seen_subcommand_from train sweep" -l arch -x -a "photo mnist"
complete -c vaec -n "__fish_seen_subcommand_from train sweep" -l distortion -x -a "mse xyb ms-ssim ssimulacra2 bce"
complete -c vaec -n "__fish_seen_subcommand_from train sweep" -l schedule -x -a "cosine constant"
complete -c vaec -n "__fish_seen_subcommand_from train" -l only -x -a entropy
complete -c vaec -n "__fish_seen_subcommand_from train" -l keep -x -a "best last"
complete -c vaec -n "__fish_seen_subcommand_from train sweep" -l device -x -a "auto cpu cuda"
complete -c vaec -n "__fish_seen_subcommand_from $commands" -l precision -x -a "auto fp32 bf16"
complete -c vaec -n "__fish_seen_subcommand_from train sweep" -l net -x -a "conv dense"
complete -c vaec -n "__fish_seen_subcommand_from train sweep" -l activation -x -a "silu relu tanh sigmoid"
complete -c vaec -n "__fish_seen_subcommand_from evaluate" -l anchors -x -a "jpeg webp jpeg2000 avif avif-psnr jxl heic"
