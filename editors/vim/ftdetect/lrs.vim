autocmd BufRead,BufNewFile *.lrs setfiletype lrs
