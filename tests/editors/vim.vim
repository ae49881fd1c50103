" Writes the names of the syntax groups of texts: of each column, a line for each line.
" g:texts is a JSON file with a list of texts, g:groups the file to write.

set nomore encoding=utf-8 fileformats=unix
let s:found = []
for s:text in json_decode(join(readfile(g:texts), "\n"))
  enew!
  call setline(1, split(s:text, "\n", 1))
  setfiletype lrs
  let s:lines = []
  for s:line in range(1, line("$"))
    let s:columns = range(1, col([s:line, "$"]) - 1)
    call add(s:lines, map(s:columns, 'synIDattr(synID(s:line, v:val, 0), "name")'))
  endfor
  call add(s:found, s:lines)
endfor
call writefile([json_encode(s:found)], g:groups)
quitall!
