" Schedules of lrdsl. Tests compare it, token by token, with the language.

if exists("b:current_syntax")
  finish
endif

syntax case match
syntax sync fromstart

" Of two that match at a place, the later one counts: names come first, then what is more special.
syntax match lrsVariable /\a\w*\|_\w*/
syntax match lrsWord /\%(base\|prev\|next\|rest\|pi\|true\|false\)\w\@!/
syntax match lrsFunction /\h\w*(\@=/
syntax match lrsTarget /\h\w*\ze[ \t]*\%(\[\%([^\]"]*"[^"]*"\)*[^\]"]*\][ \t]*\)\?:/

syntax match lrsKeyword /\%(let\|param\|def\|shape\|where\)\w\@!/
" A word only before `total =` or `1ep =`, and one only before a target.
syntax match lrsKeyword /run\ze\%([ \t\r\f]\|\n\|#.*\n\)\+\%([0-9.][0-9A-Za-z_.]*%\?\|\h\w*\)\_s*==\@!/
syntax match lrsKeyword /scalar\ze\_s\+\h\w*[ \t]*\%(\[\%("[^"]*"\|[^\]"]*\)\][ \t]*\)\?:/

syntax match lrsNumber /\.\?\d[0-9A-Za-z_.]*\%([eE]\@<=[+-]\d\w*\)\?%\?/
syntax match lrsOperator /[=!<>]=\|>>\|[-+*\/^=<>]/
syntax match lrsPunctuation /[,:]/
syntax match lrsPunctuation /[()\[\]]/
syntax match lrsString /"[^"]*"/

" In brackets a name before a colon is a parameter, and its kind follows.
syntax region lrsBrackets matchgroup=lrsPunctuation start=/[(\[]/ end=/[)\]]/ transparent
      \ contains=TOP,lrsTarget
syntax match lrsParameter /\h\w*\ze[ \t]*\%(\[\%([^\]"]*"[^"]*"\)*[^\]"]*\][ \t]*\)\?:/ contained
      \ containedin=lrsBrackets
syntax match lrsColon /:/ contained containedin=lrsBrackets
      \ nextgroup=lrsKind,lrsKinds,lrsKindComment skipwhite skipempty
syntax match lrsKindComment /#.*$/ contained
      \ nextgroup=lrsKind,lrsKinds,lrsKindComment skipwhite skipempty
syntax match lrsKind /\%(\%(let\|param\|def\|shape\|where\)\w\@!\)\@!\h\w*\%(\w\|(\)\@!/ contained
syntax region lrsKinds matchgroup=lrsPunctuation start=/\[/ end=/[)\]]/ contained
      \ contains=lrsKind,lrsKindComment

syntax match lrsComment /#.*$/ contains=lrsTodo
syntax match lrsDocumentation /##.*$/
syntax keyword lrsTodo TODO FIXME contained

highlight default link lrsComment Comment
highlight default link lrsDocumentation SpecialComment
highlight default link lrsKindComment Comment
highlight default link lrsTodo Todo
highlight default link lrsKeyword Statement
highlight default link lrsOperator Operator
highlight default link lrsPunctuation Delimiter
highlight default link lrsColon Delimiter
highlight default link lrsNumber Number
highlight default link lrsString String
highlight default link lrsTarget Label
highlight default link lrsFunction Function
highlight default link lrsVariable Identifier
highlight default link lrsParameter Identifier
highlight default link lrsWord Constant
highlight default link lrsKind Type

let b:current_syntax = "lrs"
