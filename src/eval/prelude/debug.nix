# nixpkgs `lib.debug`: printing on the way changes no value.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
{
  inherit (builtins) trace addErrorContext;

  traceIf = condition: message: value: value;
  traceVal = value: value;
  traceValFn = f: value: value;
  traceSeq = shown: value: value;
  traceSeqN = depth: shown: value: value;
  traceValSeq = value: value;
  traceValSeqFn = f: value: value;
  traceValSeqN = depth: value: value;
  traceValSeqNFn = f: depth: value: value;
  traceFnSeqN = depth: name: f: value: f value;
}
