"""Operators: pure frame → frame steps that judge, clean and protect."""

OPERATORS: dict[str, str] = {
    "contract": "lingqu.govern.contract.operator:Contract",
    "dedupe": "lingqu.govern.dedupe:Dedupe",
    "impute": "lingqu.govern.impute:Impute",
    "outliers": "lingqu.govern.outliers:Outliers",
    "clean_categories": "lingqu.govern.clean_categories:CleanCategories",
    "standardise": "lingqu.govern.standardise:Standardise",
    "drop_constant": "lingqu.govern.drop_constant:DropConstant",
    "drop_ids": "lingqu.govern.drop_ids:DropIds",
    "mask": "lingqu.govern.privacy.mask:Mask",
    "find_label_errors": "lingqu.govern.find_label_errors:FindLabelErrors",
    "reweigh": "lingqu.govern.reweigh:Reweigh",
    "mixup": "lingqu.govern.augment.mixup:Mixup",
    "cutmix": "lingqu.govern.augment.cutmix:CutMix",
    "augment_image": "lingqu.govern.augment.image:AugmentImage",
    "augment_text": "lingqu.govern.augment.text:AugmentText",
}
