//! `textDocument/signatureHelp`

use lsp_types as lsp;
use tacit_lang::ide;

use super::Answer;
use crate::from_proto::rule_position;
use crate::position::Encoding;
use crate::server::State;
use crate::to_proto;

/// The parameters of the call around the cursor.
pub fn signature_help(state: &mut State, params: lsp::SignatureHelpParams) -> Answer<lsp::SignatureHelpRequest> {
    let Some((file, offset)) = rule_position(state, &params.text_document_position_params) else { return Ok(None) };
    let found = ide::signature_help::signature_help(&file.project.analysis, &file.module, offset);
    let Some(first) = found.first() else { return Ok(None) };
    let active = Some(lsp::ActiveParameter::Int(first.active as u32));
    // Offsets in labels count units of UTF-16, whatever was agreed on for positions.
    let column = |label: &str, offset: u32| Encoding::Utf16.length(&label[..offset as usize]);
    let signatures = found
        .iter()
        .map(|signature| lsp::SignatureInformation {
            label: signature.label.clone(),
            documentation: (!signature.doc.is_empty())
                .then(|| lsp::Documentation::MarkupContent(to_proto::markdown(signature.doc.clone()))),
            parameters: Some(
                signature
                    .params
                    .iter()
                    .map(|param| lsp::ParameterInformation {
                        label: lsp::ParameterInformationLabel::Tuple((
                            column(&signature.label, param.start),
                            column(&signature.label, param.end),
                        )),
                        documentation: None,
                    })
                    .collect(),
            ),
            active_parameter: None,
        })
        .collect();
    Ok(Some(lsp::SignatureHelp { signatures, active_signature: Some(0), active_parameter: active }))
}
