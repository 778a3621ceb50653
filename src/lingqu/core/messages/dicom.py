"""Messages of the source of DICOM files."""

MESSAGES: dict[str, tuple[str, str]] = {
    "dicom.none": (
        "{path!r} holds no DICOM files. Expected files that end in {expected}; received none. "
        "Correct the path, or name the endings with `suffixes`.",
        "{path!r} 中没有 DICOM 文件。应有以 {expected} 结尾的文件；一个也没有。"
        "请改正路径，或用 `suffixes` 写明后缀。",
    ),
    "dicom.unreadable": (
        "{count} DICOM files in {path!r} cannot be read: {files}. Expected whole files with a "
        "header; "
        "the first says: {problem}. Take them out, or set `skip_unreadable: true`.",
        "{path!r} 中有 {count} 个 DICOM 文件无法读取：{files}。应为带文件头的完整文件；"
        "第一个的问题：{problem}。请移除它们，或设 `skip_unreadable: true`。",
    ),
    "dicom.bad_tag": (
        "`tags` names {tag!r}, which is no DICOM keyword. Expected keywords such as Modality; near "
        "names: {near}. See DICOM PS3.6.",
        "`tags` 中的 {tag!r} 不是 DICOM 关键字。应写 Modality 之类的关键字；相近的名称：{near}。见 "
        "DICOM PS3.6。",
    ),
    "dicom.reason_tag": ("DICOM element {tag}", "DICOM 元素 {tag}"),
    "dicom.reason_pixels": (
        "pixels of DICOM files, brought to 0–255",
        "DICOM 文件的像素，换算到 0–255",
    ),
    "dicom.reason_files": ("DICOM files", "DICOM 文件"),
}
